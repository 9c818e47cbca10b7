/** Styles that follow from figures, written through the CSSOM: style attributes are barred by the content security policy. */
import { useLayoutEffect, useRef } from "preact/hooks";

/** A ref whose element carries these CSS properties. */
export function useStyle<E extends HTMLElement | SVGElement>(properties: Readonly<Record<string, string>>) {
  const element = useRef<E>(null);
  useLayoutEffect(() => {
    for (const [name, value] of Object.entries(properties)) element.current?.style.setProperty(name, value);
  });
  return element;
}
