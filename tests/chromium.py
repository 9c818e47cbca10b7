"""The machine's Chromium, as every test starts it: quiet, without a network of its own, with sound that may play untouched."""

from typing import Any

from config.install import find_chromium

# The popups of the address bar are pages of their own: a second of processor time for each window, and nobody sees them. The last list
# counts, so what Playwright switches off by itself stands here as well.
SWITCHED_OFF = [
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    "AimEnabled", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]  # fmt: skip
QUIET = [
    f"--disable-features={','.join(SWITCHED_OFF)}",
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
]  # fmt: skip
# Pages that are measured or watched while another one stands in front.
NEVER_IDLE = ["--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"]
# Half the frames that it makes by itself: each is encoded, sent and drawn by the processor.
FAKE_CAMERA = ["--use-fake-device-for-media-stream=fps=10"]
# Who shares a screen is asked what of it; this answers in their place.
SHARED_TITLE = "Slides of the host"
SHARED_TAB = [f"--auto-select-tab-capture-source-by-title={SHARED_TITLE}"]


def launch_options(*flags: str) -> dict[str, Any]:
    """For Playwright's `chromium.launch`. Without a Chromium on the machine, Playwright's own is tried, and says what is missing."""
    return {"executable_path": find_chromium(), "args": [*QUIET, *flags]}
