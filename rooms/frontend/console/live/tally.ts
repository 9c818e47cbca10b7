/** Whether everybody sees what this desk sends: its line is the one on air, and the program shows it. */
import type { Console } from "../model";
import type { Host } from "./host";

export function isOwnOnAir(model: Console, host: Host): boolean {
  if (!model.isLive.value || host.sending.value !== "sending") return false;
  return model.state.value.live.lines.some((line) => line.role === host.role.value && line.is_on_air && line.is_connected);
}
