/** The console: bar, run of show, monitors and cues, crowd and products, gauges. */
import { Icon } from "@merchants/design/icons";
import { Bar } from "./Bar";
import { useConsole } from "./context";
import { Crowd } from "./Crowd";
import { Cues } from "./Cues";
import { Gauges } from "./Gauges";
import { GhostDesk } from "./GhostDesk";
import { Alarms } from "./live/Alarms";
import { Waterfall } from "./live/Waterfall";
import { Guests } from "./live/Guests";
import { Monitors } from "./Monitors";
import { Products } from "./Products";
import { RunOfShow } from "./RunOfShow";

export function App({ picture }: { picture: HTMLElement }) {
  return (
    <div class="desk">
      <Bar />
      <RunOfShow />
      <main id="main" class="desk-centre">
        <Alarms />
        <Monitors picture={picture} />
        <Waterfall />
        <Cues />
      </main>
      <aside class="desk-right">
        <GhostDesk />
        <Guests />
        <Crowd />
        <Products />
      </aside>
      <Gauges />
      <Message />
    </div>
  );
}

function Message() {
  const { model } = useConsole();
  const message = model.message.value;
  return (
    <div class="toast-layer" role={message?.isError ? "alert" : "status"}>
      {message && <p class={`toast${message.isError ? " is-error" : ""}`}>{message.isError && <Icon name="alert" size={18} />}{message.text}</p>}
    </div>
  );
}
