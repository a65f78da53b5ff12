// Who sounds. A browser lets a page sound only after somebody touched it, and several tabs of one browser must not all
// sound: the one that may and holds the lock does. Whoever holds a lock is not put to sleep by the browser either.

import { findRound, makeSamples, type Tone } from "./sounds";

const LOCK = "comity-alarm";

export type Guard = "armed" | "elsewhere" | "unarmed";

export class Siren {
  private context: AudioContext | undefined;
  private source: AudioBufferSourceNode | undefined;
  private tone: Tone | "" = "";
  private readonly buffers = new Map<Tone, AudioBuffer>();
  private holds = false;
  private asks = false;
  private isHeldElsewhere = false;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly isExercise: boolean,
    private readonly onChange: () => void,
  ) {}

  get guard(): Guard {
    if (this.holds) return "armed";
    return this.isHeldElsewhere ? "elsewhere" : "unarmed";
  }

  /** Whether the browser lets this tab sound. */
  get isAllowed(): boolean {
    return this.context?.state === "running";
  }

  get sounding(): Tone | "" {
    return this.source === undefined ? "" : this.tone;
  }

  /** Try to be allowed to sound; a browser that was not touched lets it wait. */
  async arm(): Promise<boolean> {
    if (!("AudioContext" in window)) return false;
    if (this.context === undefined) {
      this.context = new AudioContext();
      this.context.addEventListener("statechange", () => {
        this.follow();
      });
    }
    // A browser that does not allow it never answers: then the next tick does. A timer of the page may take a minute.
    const ticked = new Promise<void>((resolve) => this.waiting.push(resolve));
    await Promise.race([this.context.resume().catch(() => undefined), ticked]);
    this.follow();
    return this.context.state === "running";
  }

  private follow(): void {
    if (this.context?.state === "running" && !this.asks) {
      this.asks = true;
      void this.hold();
    }
    this.onChange();
  }

  private async hold(): Promise<void> {
    const take = async (): Promise<void> => {
      this.holds = true;
      this.onChange();
      await new Promise<void>((resolve) => {
        this.context?.addEventListener("statechange", () => {
          if (this.context?.state !== "running") resolve();
        });
      });
      this.holds = this.asks = false;
      this.stop();
      this.onChange();
    };
    if ("locks" in navigator) await navigator.locks.request(LOCK, take);
    else await take();
  }

  /** Look, at every tick, whether another tab of this browser sounds. */
  async look(): Promise<void> {
    for (const go of this.waiting.splice(0)) go();
    if (!("locks" in navigator)) return;
    const found = await navigator.locks.query();
    const isHeld = (found.held ?? []).some((lock) => lock.name === LOCK);
    if (this.isHeldElsewhere === (isHeld && !this.holds)) return;
    this.isHeldElsewhere = isHeld && !this.holds;
    this.onChange();
  }

  /** Sound from now on, if it is this tab that sounds; `once` whatever the lock says, as for a check. */
  sound(tone: Tone, once = false): void {
    if (this.context === undefined || (!this.holds && !once) || this.sounding === tone) return;
    this.stop();
    const round = findRound(tone, this.isExercise);
    const source = this.context.createBufferSource();
    source.buffer = this.buffers.get(tone) ?? this.fill(tone);
    source.loop = round.repeats && !once;
    source.addEventListener("ended", () => {
      if (this.source !== source) return;
      this.source = undefined;
      this.onChange();
    });
    source.connect(this.context.destination);
    source.start();
    this.source = source;
    this.tone = tone;
    this.onChange();
  }

  stop(): void {
    const source = this.source;
    if (source === undefined) return;
    this.source = undefined;
    source.stop();
    source.disconnect();
  }

  private fill(tone: Tone): AudioBuffer {
    const context = this.context;
    if (context === undefined) throw new Error("nothing sounds without a context");
    const samples = makeSamples(findRound(tone, this.isExercise), context.sampleRate);
    const buffer = context.createBuffer(1, samples.length, context.sampleRate);
    buffer.copyToChannel(samples, 0);
    this.buffers.set(tone, buffer);
    return buffer;
  }
}
