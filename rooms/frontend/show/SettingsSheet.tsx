/** What a viewer may set: captions, danmaku, language. */
import { Sheet } from "@merchants/design/sheet";
import type { ComponentChildren } from "preact";
import type { CaptionSource } from "@dramas/player/playback";
import { choice, choose } from "./consent";
import type { MeasuredPage } from "./measuring";
import { prefer, preferences } from "./preferences";
import type { Translate } from "./ProductParts";

/** The part of a page's state that the language form needs. */
export interface LanguagePage {
  language: string;
  languages: { code: string; name: string }[];
  csrf: string;
  urls: { set_language: string };
  measure?: MeasuredPage;
}

interface SettingsProps {
  page: LanguagePage;
  t: Translate;
  tracks: readonly CaptionSource[];
  onClose: () => void;
  children?: ComponentChildren;
}

export function SettingsSheet({ page, t, tracks, onClose, children }: SettingsProps) {
  return (
    <Sheet title={t("settings")} closeLabel={t("close")} onClose={onClose} height="short">
      {children}
      {tracks.length > 0 && <Captions t={t} tracks={tracks} />}
      <Danmaku t={t} />
      {page.measure && <Measuring t={t} isMeasured={page.measure.events !== null} />}
      <Language page={page} t={t} />
    </Sheet>
  );
}

function Captions({ t, tracks }: Pick<SettingsProps, "t" | "tracks">) {
  const chosen = preferences.value.captions ?? "";
  return (
    <fieldset class="setting">
      <legend class="t-15">{t("captions")}</legend>
      <div class="choices">
        <Choice name="captions" isOn={chosen === ""} onChoose={() => prefer({ captions: "" })} text={t("off")} />
        {tracks.map((track) => (
          <Choice key={track.lang} name="captions" isOn={chosen === track.lang} onChoose={() => prefer({ captions: track.lang })} text={track.label} />
        ))}
      </div>
    </fieldset>
  );
}

function Danmaku({ t }: Pick<SettingsProps, "t">) {
  const { isDanmakuOn, danmakuOpacity } = preferences.value;
  return (
    <fieldset class="setting">
      <legend class="t-15">{t("danmaku")}</legend>
      <div class="choices">
        <Choice name="danmaku" isOn={isDanmakuOn} onChoose={() => prefer({ isDanmakuOn: true })} text={t("on")} />
        <Choice name="danmaku" isOn={!isDanmakuOn} onChoose={() => prefer({ isDanmakuOn: false })} text={t("off")} />
      </div>
      {isDanmakuOn && (
        <label class="slider">
          <span class="t-13 t-quiet">{t("opacity")}</span>
          <input type="range" min={20} max={100} step={10} value={Math.round(danmakuOpacity * 100)} onInput={(event) => prefer({ danmakuOpacity: Number(event.currentTarget.value) / 100 })} />
          <span class="t-13">{Math.round(danmakuOpacity * 100)} %</span>
        </label>
      )}
    </fieldset>
  );
}

function Measuring({ t, isMeasured }: { t: Translate; isMeasured: boolean }) {
  const isOn = choice.value ?? isMeasured;
  return (
    <fieldset class="setting">
      <legend class="t-15">{t("measuring")}</legend>
      <p class="t-13 t-quiet">{t("measuring_hint")}</p>
      <div class="choices">
        <Choice name="measuring" isOn={isOn} onChoose={() => choose(true)} text={t("on")} />
        <Choice name="measuring" isOn={!isOn} onChoose={() => choose(false)} text={t("off")} />
      </div>
    </fieldset>
  );
}

/** The choice is a plain form: it works for every page of the shop and reloads this one in the other language. */
function Language({ page, t }: Pick<SettingsProps, "page" | "t">) {
  const { languages, language, csrf, urls } = page;
  return (
    <form class="setting" method="post" action={urls.set_language}>
      <input type="hidden" name="csrfmiddlewaretoken" value={csrf} />
      <input type="hidden" name="next" value={location.pathname} />
      <p class="t-15" id="language-title">{t("language")}</p>
      <div class="choices" role="group" aria-labelledby="language-title">
        {languages.map(({ code, name }) => (
          <button key={code} class={`choice${code === language ? " is-on" : ""}`} name="language" value={code} lang={code} aria-current={code === language ? "true" : undefined}>{name}</button>
        ))}
      </div>
    </form>
  );
}

function Choice({ name, isOn, onChoose, text }: { name: string; isOn: boolean; onChoose: () => void; text: string }) {
  return (
    <label class={`choice${isOn ? " is-on" : ""}`}>
      <input type="radio" name={name} checked={isOn} onChange={onChoose} />
      {text}
    </label>
  );
}
