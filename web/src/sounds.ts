// What is heard. Every sound is computed here from a few notes, as samples of one round that the browser then repeats by
// itself: so it goes on in a tab that nobody looks at, whatever a browser does to the timers of such a tab.
// An exercise sounds like nothing that is real: chimes that rise, against a siren of two tones.

export type Tone = "flash" | "call" | "notice" | "lost";

interface Note {
  atS: number;
  lengthS: number;
  hertz: number;
  /** Shares of the first, second and third partial. */
  partials: readonly [number, number, number];
  /** Whether it dies away like a bell; else it stands like a horn. */
  fades: boolean;
}

interface Round {
  lengthS: number;
  notes: readonly Note[];
  repeats: boolean;
}

const HORN = [0.55, 0.25, 0.2] as const;
const BELL = [0.8, 0.15, 0.05] as const;

function makeRow(notes: readonly [number, number, number][], partials: Note["partials"], fades: boolean): Note[] {
  return notes.map(([atS, lengthS, hertz]) => ({ atS, lengthS, hertz, partials, fades }));
}

const REAL: Record<Tone, Round> = {
  flash: {
    lengthS: 2.4,
    repeats: true,
    notes: makeRow([[0, 0.3, 988], [0.3, 0.3, 740], [0.6, 0.3, 988], [0.9, 0.3, 740], [1.2, 0.3, 988], [1.5, 0.3, 740]], HORN, false),
  },
  call: {
    lengthS: 3,
    repeats: true,
    notes: makeRow([[0, 0.16, 880], [0.24, 0.16, 880], [0.48, 0.16, 880], [0.72, 0.5, 880]], HORN, false),
  },
  notice: { lengthS: 0.8, repeats: false, notes: makeRow([[0, 0.7, 660]], BELL, true) },
  lost: {
    lengthS: 3.2,
    repeats: true,
    notes: makeRow([[0, 0.5, 392], [0.55, 0.5, 330], [1.1, 0.9, 262]], HORN, true),
  },
};

const EXERCISE: Record<Tone, Round> = {
  ...REAL,
  flash: {
    lengthS: 2.8,
    repeats: true,
    notes: makeRow([[0, 0.5, 523], [0.22, 0.5, 659], [0.44, 0.5, 784], [0.66, 1.1, 1047]], BELL, true),
  },
  call: { lengthS: 3.2, repeats: true, notes: makeRow([[0, 0.8, 659], [0.35, 1.2, 523]], BELL, true) },
};

const EDGE_S = 0.012;
const LOUDNESS = 0.85;

function findEnvelope(note: Note, atS: number): number {
  const edge = Math.min(1, atS / EDGE_S, (note.lengthS - atS) / EDGE_S);
  return Math.max(0, edge) * (note.fades ? Math.exp((-3.2 * atS) / note.lengthS) : 1);
}

export function findRound(tone: Tone, isExercise: boolean): Round {
  return (isExercise ? EXERCISE : REAL)[tone];
}

export function makeSamples(round: Round, rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(round.lengthS * rate));
  for (const note of round.notes) {
    const first = Math.round(note.atS * rate);
    const count = Math.min(Math.round(note.lengthS * rate), samples.length - first);
    for (let index = 0; index < count; index++) {
      const atS = index / rate;
      const turn = 2 * Math.PI * note.hertz * atS;
      const wave = note.partials.reduce((sum, share, partial) => sum + share * Math.sin(turn * (partial + 1)), 0);
      samples[first + index] = (samples[first + index] ?? 0) + LOUDNESS * findEnvelope(note, atS) * wave;
    }
  }
  return samples;
}
