// Where frames come from: the stream of what is now, begun anew whenever it breaks, or one moment of the past.

import { BrokenFrame, FrameCutter, type MarkTable } from "./frames";

const AGAIN_MS = 2_000;
const SILENT_MS = 15_000;

export class FrameSource {
  private stop: AbortController | null = null;

  constructor(
    private readonly path: string,
    private readonly table: MarkTable,
    private readonly show: () => void,
    private readonly tell: (isHeard: boolean) => void,
  ) {}

  /** Follow what is now. */
  follow(): void {
    this.end();
    const stop = (this.stop = new AbortController());
    void this.goOn(stop.signal);
  }

  /** Show one moment; false where it could not be had. */
  async look(at: number): Promise<boolean> {
    this.end();
    const stop = (this.stop = new AbortController());
    try {
      const answer = await fetch(`${this.path}?at=${at}`, { signal: stop.signal });
      if (!answer.ok) return false;
      const [body] = new FrameCutter().take(new Uint8Array(await answer.arrayBuffer()));
      if (body === undefined || stop.signal.aborted) return false;
      this.table.take(body);
      this.show();
      return true;
    } catch {
      return stop.signal.aborted;
    }
  }

  end(): void {
    this.stop?.abort();
    this.stop = null;
  }

  private async goOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.read(signal);
      } catch (error) {
        if (!signal.aborted && error instanceof BrokenFrame) console.warn("the stream of frames begins anew");
      }
      if (signal.aborted) return;
      this.tell(false);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }

  private async read(signal: AbortSignal): Promise<void> {
    const answer = await fetch(this.path, { signal });
    if (!answer.ok || answer.body === null) return;
    const [reader, cutter] = [answer.body.getReader(), new FrameCutter()];
    let heard = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - heard > SILENT_MS) void reader.cancel();
    }, 1_000);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return;
        heard = performance.now();
        const bodies = cutter.take(value);
        for (const body of bodies) this.table.take(body);
        if (bodies.length > 0) {
          this.tell(true);
          this.show();
        }
      }
    } finally {
      clearInterval(watch);
    }
  }
}
