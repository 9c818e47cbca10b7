/** Sign-up: proposes an address from the shop's name and knows the visitor's time zone; the form works without it. */
const form = document.querySelector<HTMLFormElement>("[data-sign-up]");

if (form) {
  const name = form.elements.namedItem("shop_name") as HTMLInputElement;
  const subdomain = form.elements.namedItem("subdomain") as HTMLInputElement;
  const zone = form.elements.namedItem("time_zone") as HTMLInputElement;
  let isOwn = subdomain.value !== "";

  subdomain.addEventListener("input", () => (isOwn = subdomain.value !== ""));
  name.addEventListener("input", () => {
    if (!isOwn) subdomain.value = proposeAddress(name.value);
  });
  if (!zone.value || zone.value === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  form.addEventListener("submit", () => form.querySelector("button[type=submit]")?.setAttribute("aria-busy", "true"));
}

function proposeAddress(shopName: string): string {
  const plain = shopName.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return plain.replace(/^[^a-z]+|-+$/g, "").slice(0, 30).replace(/-+$/, "");
}
