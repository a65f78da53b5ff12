// The layer of the map that draws all marks: one call each for trails, ellipses and symbols, whatever their number. Between
// frames the graphics processor moves what moves.

import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import { toX } from "./mercator";
import { makePrograms, type Program } from "./shaders";
import type { Sight } from "./sight";
import type { SymbolAtlas } from "./symbols";

export type Ink = [number, number, number, number];
const ELLIPSE_POINTS = 48;
/** What is predicted no further than this, when nothing comes. */
const AFTER_S_MAX = 5;

export class MarkLayer implements CustomLayerInterface {
  readonly id = "marks";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  /** How the page's inks are, and what the matrix was at the last drawing: for finding what was pressed. */
  ink: Ink = [0, 0, 0, 1];
  matrix: Float32Array | number[] = [];
  /** Time on the main thread: milliseconds of laying out and of drawing, summed up; for measuring. */
  drawnMs = 0;
  drawnCount = 0;
  areEllipsesShown = true;
  areTrailsShown = true;
  private map: MapLibre | null = null;
  private programs: ReturnType<typeof makePrograms> | null = null;
  private buffers: WebGLBuffer[] = [];
  private texture: WebGLTexture | null = null;
  private isChanged = false;
  private laidAt = 0;

  constructor(
    private readonly sight: Sight,
    private readonly atlas: SymbolAtlas,
  ) {}

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.programs = makePrograms(gl);
    this.buffers = Array.from({ length: 5 }, () => gl.createBuffer());
    this.texture = gl.createTexture();
    this.atlas.isChanged = true;
    this.isChanged = true;
  }

  /** What is shown was laid out anew. */
  change(): void {
    this.isChanged = true;
    this.laidAt = performance.now();
    this.map?.triggerRepaint();
  }

  /** Seconds since what is shown was laid out. */
  get afterS(): number {
    return Math.min(AFTER_S_MAX, (performance.now() - this.laidAt) / 1000);
  }

  render(gl: WebGL2RenderingContext | WebGLRenderingContext, input: CustomRenderMethodInput): void {
    if (!(gl instanceof WebGL2RenderingContext) || this.programs === null || this.map === null) return;
    const begun = performance.now();
    this.matrix = input.defaultProjectionData.mainMatrix as Float32Array;
    this.load(gl);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    if (this.areTrailsShown) this.drawTrails(gl, this.programs.trail);
    if (this.areEllipsesShown) this.drawEllipses(gl, this.programs.ellipse);
    this.drawSymbols(gl, this.programs.symbol);
    gl.bindVertexArray(null);
    this.drawnMs += performance.now() - begun;
    this.drawnCount += 1;
  }

  private load(gl: WebGL2RenderingContext): void {
    if (this.isChanged) {
      const { sight } = this;
      const loaded: [WebGLBuffer | undefined, Float32Array, number][] = [
        [this.buffers[0], sight.places, 4 * sight.count], [this.buffers[1], sight.looks, 4 * sight.count],
        [this.buffers[2], sight.ellipses, 4 * sight.ellipseCount], [this.buffers[3], sight.axes, 4 * sight.ellipseCount],
        [this.buffers[4], sight.trailed, 5 * sight.trailedCount],
      ];
      for (const [buffer, values, length] of loaded) {
        gl.bindBuffer(gl.ARRAY_BUFFER, buffer ?? null);
        gl.bufferData(gl.ARRAY_BUFFER, values.subarray(0, length), gl.DYNAMIC_DRAW);
      }
      this.isChanged = false;
    }
    if (this.atlas.isChanged) {
      gl.bindTexture(gl.TEXTURE_2D, this.texture);
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.atlas.canvas);
      gl.generateMipmap(gl.TEXTURE_2D);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
      this.atlas.isChanged = false;
    }
  }

  private begin(gl: WebGL2RenderingContext, { program, uniform }: Program): void {
    const map = this.map as MapLibre;
    const canvas = map.getCanvas();
    gl.useProgram(program);
    gl.bindVertexArray(null);
    gl.uniformMatrix4fv(uniform("u_matrix"), false, this.matrix);
    gl.uniform2f(uniform("u_size"), canvas.clientWidth, canvas.clientHeight);
    gl.uniform1f(uniform("u_centre"), toX(map.getCenter().lng * 1e7));
    gl.uniform1f(uniform("u_after"), this.afterS);
    gl.uniform1f(uniform("u_pixels"), 512 * 2 ** map.getZoom());
    gl.uniform4fv(uniform("u_ink"), this.ink);
  }

  private feed(gl: WebGL2RenderingContext, place: number, buffer: number, size: number, stride = 0, offset = 0): void {
    if (place < 0) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[buffer] ?? null);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(place, 1);
  }

  private leave(gl: WebGL2RenderingContext, ...places: number[]): void {
    for (const place of places) {
      if (place < 0) continue;
      gl.vertexAttribDivisor(place, 0);
      gl.disableVertexAttribArray(place);
    }
  }

  private drawSymbols(gl: WebGL2RenderingContext, of: Program): void {
    this.begin(gl, of);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform1i(of.uniform("u_atlas"), 0);
    gl.uniform1f(of.uniform("u_scale"), findScale(this.sight.count, (this.map as MapLibre).getZoom()));
    const [place, look] = [of.place("a_place"), of.place("a_look")];
    this.feed(gl, place, 0, 4);
    this.feed(gl, look, 1, 4);
    gl.drawArraysInstanced(gl.TRIANGLES, 0, 6, this.sight.count);
    this.leave(gl, place, look);
  }

  private drawEllipses(gl: WebGL2RenderingContext, of: Program): void {
    this.begin(gl, of);
    const [place, axes] = [of.place("a_place"), of.place("a_axes")];
    this.feed(gl, place, 2, 4);
    this.feed(gl, axes, 3, 4);
    const [red, green, blue, opaque] = this.ink;
    gl.uniform4f(of.uniform("u_ink"), red, green, blue, 0.08 * opaque);
    gl.drawArraysInstanced(gl.TRIANGLE_FAN, 0, ELLIPSE_POINTS, this.sight.ellipseCount);
    gl.uniform4f(of.uniform("u_ink"), red, green, blue, 0.7 * opaque);
    gl.drawArraysInstanced(gl.LINE_LOOP, 0, ELLIPSE_POINTS, this.sight.ellipseCount);
    this.leave(gl, place, axes);
  }

  private drawTrails(gl: WebGL2RenderingContext, of: Program): void {
    this.begin(gl, of);
    const [ends, age] = [of.place("a_ends"), of.place("a_age")];
    this.feed(gl, ends, 4, 4, 20, 0);
    this.feed(gl, age, 4, 1, 20, 16);
    gl.drawArraysInstanced(gl.TRIANGLES, 0, 6, this.sight.trailedCount);
    this.leave(gl, ends, age);
  }
}

/** Symbols grow smaller where there are many and far away, so that what moves is still seen apart. */
export function findScale(count: number, zoom: number): number {
  const crowd = count > 1500 ? 0.6 : count > 400 ? 0.75 : 1;
  return Math.min(1, crowd + Math.max(0, zoom - 5) * 0.15);
}
