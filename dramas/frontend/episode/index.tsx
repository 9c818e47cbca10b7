/** The upload panel of an episode's office page. Mounts on `[data-upload-episode]`. */
import { render } from "preact";
import { Model } from "./model";
import { loadState } from "./state";
import { UploadPanel } from "./View";

const mount = document.querySelector<HTMLElement>("[data-upload-episode]");
if (mount) {
  const model = new Model(loadState());
  model.watch();
  render(<UploadPanel model={model} />, mount);
}
