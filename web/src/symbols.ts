// Symbols of APP-6 and MIL-STD-2525, each drawn once into one texture: by what is there, how it stands, and what is odd
// about it. What is odd or old is told by form, never by colour alone.

import ms from "milsymbol";

export const CELL = 64;
const SIDE = 2048;
const ACROSS = SIDE / CELL;
/** Standings as in comity.warning.situation. */
export const [LIVE, STALE, DROPPED] = [0, 1, 2];
/** What is odd about a mark, the gravest one that applies. */
export const [PLAIN, SALVO, CONFLICT, SUSPECT] = [0, 1, 2, 3];
const BADGES = ["", "n", "≠", "!"];

export interface Inks {
  text: string;
  panel: string;
}

export class SymbolAtlas {
  readonly canvas = document.createElement("canvas");
  /** Whether something was drawn since this was last set to false. */
  isChanged = true;
  private readonly context: CanvasRenderingContext2D;
  private readonly places = new Map<string, number>();
  private readonly isExercise: boolean;
  private inks: Inks;

  constructor(isExercise: boolean, inks: Inks) {
    this.canvas.width = this.canvas.height = SIDE;
    const context = this.canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    this.context = context;
    this.isExercise = isExercise;
    this.inks = inks;
  }

  /** Begin anew in other colours. */
  paint(inks: Inks): void {
    this.inks = inks;
    this.places.clear();
    this.context.clearRect(0, 0, SIDE, SIDE);
    this.isChanged = true;
  }

  /** Return the place of a symbol; a full texture shows its first. */
  find(code: string, standing: number, badge: number): number {
    const name = `${code}${standing}${badge}`;
    const found = this.places.get(name);
    if (found !== undefined) return found;
    const place = this.places.size;
    if (place >= ACROSS * ACROSS) return 0;
    this.places.set(name, place);
    this.draw(place, code, standing, badge);
    this.isChanged = true;
    return place;
  }

  private draw(place: number, code: string, standing: number, badge: number): void {
    const context = this.context;
    context.save();
    context.translate((place % ACROSS) * CELL, Math.floor(place / ACROSS) * CELL);
    context.beginPath();
    context.rect(0, 0, CELL, CELL);
    context.clip();
    drawSymbol(context, this.isExercise ? `${code[0]}W${code.slice(2)}` : code, standing);
    if (standing === DROPPED) strike(context, this.inks);
    if (standing === STALE) drawBadge(context, "…", CELL - 13, 13, this.inks);
    const word = BADGES[badge] ?? "";
    if (word !== "") drawBadge(context, word, CELL - 13, CELL - 13, this.inks);
    context.restore();
  }
}

/** Draw a symbol in the middle of a cell; what is not heard of lately has no filling. */
function drawSymbol(context: CanvasRenderingContext2D, code: string, standing: number): void {
  const symbol = new ms.Symbol(code, {
    size: 30, simpleStatusModifier: true, civilianColor: false, outlineColor: "#ffffff", outlineWidth: 6, fill: standing === LIVE,
    ...(standing === LIVE ? {} : { monoColor: "#3a3f45" }),
  });
  const drawn = symbol.asCanvas(2);
  const size = Math.max(drawn.width, drawn.height);
  const scale = Math.min(1, (CELL - 4) / size, 52 / drawn.height);
  const anchor = symbol.getAnchor();
  context.drawImage(
    drawn, CELL / 2 - anchor.x * 2 * scale, CELL / 2 - anchor.y * 2 * scale, drawn.width * scale, drawn.height * scale,
  );
}

function strike(context: CanvasRenderingContext2D, inks: Inks): void {
  for (const [width, ink] of [[9, inks.panel], [4, inks.text]] as const) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(12, 12);
    context.lineTo(CELL - 12, CELL - 12);
    context.moveTo(CELL - 12, 12);
    context.lineTo(12, CELL - 12);
    context.stroke();
  }
}

function drawBadge(context: CanvasRenderingContext2D, word: string, x: number, y: number, inks: Inks): void {
  context.beginPath();
  context.arc(x, y, 11, 0, 2 * Math.PI);
  context.fillStyle = inks.text;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = inks.panel;
  context.stroke();
  context.fillStyle = inks.panel;
  context.font = "700 17px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(word, x, y + 1);
}
