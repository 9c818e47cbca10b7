/** Runs on every office page, before its body is read: marks the light surface; later makes the frame's toggles usable by keyboard. */
document.documentElement.classList.add("office");

// The policy allows no inline style, which htmx would add for its indicators when the page is ready.
const { htmx } = window as unknown as { htmx?: { config: { includeIndicatorStyles: boolean } } };
if (htmx) htmx.config.includeIndicatorStyles = false;

document.addEventListener("DOMContentLoaded", () => {
  const toggles = document.querySelectorAll<HTMLElement>("span[x-on\\:click], div.cursor-pointer[x-on\\:click]");
  for (const toggle of toggles) if (!toggle.closest("button, a")) becomeButton(toggle);
});

/** django-unfold's toggles are plain elements; give them what a button has. */
function becomeButton(toggle: HTMLElement): void {
  toggle.setAttribute("role", "button");
  toggle.tabIndex = 0;
  toggle.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle.click();
  });
}
