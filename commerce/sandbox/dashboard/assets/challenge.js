// After a 3-D Secure challenge is decided: tell the shop's page how it ended, or go back to it.
"use strict";
const result = document.getElementById("challenge-result");
if (result) {
  const { origin, intent, outcome, returnUrl } = result.dataset;
  const shop = window.opener || (window.parent === window ? null : window.parent);
  if (shop && origin) {
    shop.postMessage({ type: "sandbox.challenge", payment_intent: intent, outcome }, origin);
    if (window.opener) window.close();
  } else if (returnUrl) {
    window.location.replace(returnUrl);
  }
}
