// The page of the warning picture: the map beside its table. Without this the table alone is there, and says the same.

import { Chart, type Setting } from "./chart";
import { formatDtg } from "./clock";
import type { EndRow } from "./ends";
import { MarkTable } from "./frames";
import { FrameSource } from "./source";
import { readTrails } from "./trailframe";

/** How often table, launches and impacts are asked for anew. */
const RENEW_MS = 5_000;
const MINUTE_MS = 60_000;

declare global {
  interface Window {
    /** For whoever measures the map. */
    comityMap?: { chart: Chart; table: MarkTable };
  }
}

async function ask<T>(path: string): Promise<T | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null;
  }
}

/** One map and what goes with it. */
class MapPage {
  private readonly table = new MarkTable();
  private readonly source: FrameSource;
  private chart: Chart | null = null;
  /** The moment that is shown; 0: now. */
  private at = 0;
  private isFirst = true;
  private wanted: string[];
  private ends: EndRow[] = [];

  constructor(private readonly root: HTMLElement) {
    const path = (name: string) => root.dataset[name] ?? "";
    this.source = new FrameSource(path("frames"), this.table, () => this.show(), (isHeard) => this.tellHeard(isHeard));
    this.wanted = path("track").split(" ").filter(Boolean);
    this.at = Number(path("at") || 0);
  }

  async open(): Promise<void> {
    const setting = await ask<Setting>(this.root.dataset["setting"] ?? "");
    if (setting === null) return this.fail();
    const chart = (this.chart = new Chart(this.root, this.table, setting, (name) => void this.choose(name ? [name] : [], false)));
    try {
      await chart.open();
    } catch (error) {
      this.fail();
      throw error;
    }
    window.comityMap = { chart, table: this.table };
    for (const part of document.querySelectorAll<HTMLElement>("[data-with-map]")) part.hidden = false;
    this.startLayers(chart);
    this.startTools(chart);
    this.startSlider();
    this.root.dataset["state"] = "open";
    await this.fetchTrails(chart);
    if (this.at > 0) await this.look(this.at, false);
    else this.source.follow();
    void this.fetchEnds();
    setInterval(() => {
      if (this.at !== 0 || document.hidden) return;
      void this.fetchEnds();
      const live = document.getElementById("live");
      if (live !== null) window.htmx.trigger(live, "comity:look", {});
    }, RENEW_MS);
    document.body.addEventListener("comity:renew", () => void this.renewAreas(chart));
  }

  /** The machine has no map, or the page got no setting: the table says all of it. */
  private fail(): void {
    this.root.dataset["state"] = "failed";
    const says = this.root.querySelector<HTMLElement>(".no-map");
    if (says !== null) says.hidden = false;
  }

  private show(): void {
    const { chart } = this;
    if (chart === null) return;
    chart.lay(this.at === 0);
    this.root.dataset["at"] = String(this.table.at);
    const shown = document.querySelector<HTMLElement>("[data-shown-at]");
    if (shown !== null) shown.textContent = `${formatDtg(new Date(this.table.at)).slice(0, 6)}:${new Date(this.table.at).toISOString().slice(17, 19)}Z`;
    if (!this.isFirst) return;
    this.isFirst = false;
    chart.fit();
    if (this.wanted.length > 0) void this.choose(this.wanted, true);
  }

  private tellHeard(isHeard: boolean): void {
    const says = this.root.querySelector<HTMLElement>(".unheard");
    if (says !== null) says.hidden = isHeard;
  }

  private async choose(names: string[], isLookedAt: boolean): Promise<void> {
    this.chart?.choose(names, isLookedAt);
    const place = document.getElementById("picked");
    if (place === null) return;
    if (names.length === 0) {
      place.replaceChildren();
      return;
    }
    const when = this.at > 0 ? `?at=${this.at}` : "";
    const path = `${this.root.dataset["object"] ?? ""}/${encodeURIComponent(names[0] ?? "").replaceAll("%2F", ".")}${when}`;
    await window.htmx.ajax("get", path, { target: "#picked", swap: "innerHTML" });
  }

  private async fetchTrails(chart: Chart): Promise<void> {
    try {
      const answer = await fetch(this.root.dataset["trails"] ?? "");
      if (answer.ok) readTrails(await answer.arrayBuffer(), chart.trails);
    } catch {
      // what is seen from here on makes trails too
    }
  }

  private async fetchEnds(): Promise<void> {
    const path = this.root.dataset["endsFrom"] ?? "";
    const found = await ask<EndRow[]>(this.at > 0 ? `${path}?at=${this.at}` : path);
    if (found === null) return;
    this.ends = found;
    this.chart?.showEnds(found);
  }

  private async renewAreas(chart: Chart): Promise<void> {
    const setting = await ask<Setting>(this.root.dataset["setting"] ?? "");
    if (setting !== null) chart.showAreas(setting.areas);
  }

  private startLayers(chart: Chart): void {
    const boxes = document.querySelectorAll<HTMLInputElement>("input[data-layer]");
    const sets: Record<string, Set<string>> = {
      class: chart.hidden.classes, party: chart.hidden.parties, clause: chart.hidden.clauses,
    };
    const apply = (box: HTMLInputElement): void => {
      const of = sets[box.dataset["layer"] ?? ""];
      if (of === undefined) chart.turn(box.value, box.checked);
      else if (box.checked) of.delete(box.value);
      else of.add(box.value);
    };
    for (const box of boxes) {
      apply(box);
      box.addEventListener("change", () => {
        apply(box);
        chart.lay(false);
        chart.showEnds(this.ends);
      });
    }
  }

  private startTools(chart: Chart): void {
    this.root.querySelector("[data-nearer]")?.addEventListener("click", () => chart.zoom(1));
    this.root.querySelector("[data-farther]")?.addEventListener("click", () => chart.zoom(-1));
    this.root.querySelector("[data-whole]")?.addEventListener("click", () => chart.fit());
    document.addEventListener("click", (event) => {
      const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-choose]") : null;
      if (pressed === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      void this.choose([pressed.dataset["choose"] ?? ""], true);
      this.root.scrollIntoView({ block: "nearest" });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) void this.choose([], false);
    });
    document.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-unchoose]") !== null) void this.choose([], false);
    });
  }

  private startSlider(): void {
    const form = document.querySelector<HTMLFormElement>("form[data-moments]");
    const slider = form?.querySelector<HTMLInputElement>("input[type=range]");
    const says = form?.querySelector("output");
    if (!form || !slider || !says) return;
    const write = (): void => {
      const minutes = Number(slider.value);
      says.textContent = minutes === 0 ? (says.dataset["now"] ?? "") : formatDtg(new Date(Date.now() + minutes * MINUTE_MS));
    };
    const go = (): void => {
      const minutes = Number(slider.value);
      if (minutes === 0) void this.goBack();
      else void this.look(Date.now() + minutes * MINUTE_MS, true);
    };
    if (this.at > 0) slider.value = String(Math.max(Number(slider.min), Math.round((this.at - Date.now()) / MINUTE_MS)));
    write();
    slider.addEventListener("input", write);
    slider.addEventListener("change", go);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go();
    });
    for (const back of document.querySelectorAll("[data-now]"))
      if (back !== says)
        back.addEventListener("click", (event) => {
          event.preventDefault();
          slider.value = "0";
          write();
          void this.goBack();
        });
  }

  /** Show a moment of the past. */
  private async look(at: number, isTableToo: boolean): Promise<void> {
    this.at = Math.round(at / 1000) * 1000;
    this.markPast();
    this.forget();
    const isThere = await this.source.look(this.at);
    this.root.dataset["lost"] = isThere ? "" : "yes";
    await this.fetchEnds();
    if (isTableToo) await this.fetchTable();
  }

  /** Show what is now. */
  private async goBack(): Promise<void> {
    if (this.at === 0) return;
    this.at = 0;
    this.markPast();
    this.forget();
    this.source.follow();
    await this.fetchEnds();
    await this.fetchTable();
  }

  private forget(): void {
    this.chart?.sight.forget();
    document.getElementById("picked")?.replaceChildren();
  }

  private markPast(): void {
    document.documentElement.dataset["when"] = this.at > 0 ? "past" : "now";
    this.root.dataset["when"] = this.at > 0 ? "past" : "now";
    for (const strip of document.querySelectorAll<HTMLElement>("[data-past]")) {
      strip.hidden = this.at === 0;
      const time = strip.querySelector("time");
      if (time !== null && this.at > 0) time.textContent = formatDtg(new Date(this.at));
    }
  }

  private async fetchTable(): Promise<void> {
    const live = document.getElementById("live");
    const form = document.querySelector<HTMLFormElement>("form[data-filter]");
    if (live === null || form === null) return;
    const asked = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    asked.delete("at");
    if (this.at > 0) asked.set("at", String(this.at));
    const held = form.querySelector<HTMLInputElement>("input[name=at]");
    if (held !== null) held.value = this.at > 0 ? String(this.at) : "";
    await window.htmx.ajax("get", `/warning/now?${asked.toString()}`, { target: "#live", swap: "outerHTML" });
  }
}

const root = document.querySelector<HTMLElement>("#map");
if (root !== null) void new MapPage(root).open();
