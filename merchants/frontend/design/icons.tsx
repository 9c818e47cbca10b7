/** The icon set: outlines on a 24 px grid, stroke 1.75; a path that begins with `!` is filled. */
import paths from "./icons.json";

export type IconName = keyof typeof paths;

interface IconProps {
  name: IconName;
  /** Edge in CSS pixels; 20 when not given. */
  size?: number;
  /** Spoken name. Without one the icon is decoration and hidden from assistive technology. */
  label?: string;
  class?: string;
}

/** Draw an icon in the colour of its text. */
export function Icon({ name, size = 20, label, class: extra }: IconProps) {
  return (
    <svg
      class={extra ? `icon ${extra}` : "icon"}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
    >
      {paths[name].map((path) => (path.startsWith("!") ? <path key={path} class="icon-fill" d={path.slice(1)} /> : <path key={path} d={path} />))}
    </svg>
  );
}
