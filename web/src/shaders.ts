// What the graphics processor does with a mark: predicts it to now, brings it to the nearest copy of the world, and draws
// its symbol, its ellipse or a piece of its trail.

const HEAD = `#version 300 es
precision highp float;
uniform mat4 u_matrix;
uniform vec2 u_size;
uniform float u_centre;
uniform float u_after;
uniform float u_pixels;
vec2 near(vec2 place) { return vec2(place.x + round(u_centre - place.x), place.y); }
`;

const SYMBOL_VERTEX = `${HEAD}
uniform float u_scale;
in vec4 a_place;
in vec4 a_look;
out vec2 v_at;
out float v_alpha;
const vec2 CORNERS[6] = vec2[6](vec2(-1., -1.), vec2(1., -1.), vec2(1., 1.), vec2(-1., -1.), vec2(1., 1.), vec2(-1., 1.));
void main() {
  vec2 corner = CORNERS[gl_VertexID];
  gl_Position = u_matrix * vec4(near(a_place.xy + a_place.zw * u_after), 0., 1.);
  float cells = 32.;
  vec2 cell = vec2(mod(a_look.x, cells), floor(a_look.x / cells));
  v_at = (cell + (corner + 1.) / 2.) / cells;
  v_alpha = a_look.z;
  gl_Position.xy += corner * vec2(1., -1.) * a_look.y * u_scale / u_size * gl_Position.w;
}`;

const SYMBOL_FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_atlas;
in vec2 v_at;
in float v_alpha;
out vec4 colour;
void main() { colour = texture(u_atlas, v_at) * v_alpha; }`;

const ELLIPSE_VERTEX = `${HEAD}
in vec4 a_place;
in vec4 a_axes;
out float v_dash;
void main() {
  float turn = float(gl_VertexID) * 6.28318530718 / 48.;
  // Too small to be seen beside its symbol: folded into a point.
  float shown = step(12., length(a_axes.xy) * u_pixels);
  vec2 off = (a_axes.xy * cos(turn) + a_axes.zw * sin(turn)) * shown;
  gl_Position = u_matrix * vec4(near(a_place.xy + a_place.zw * u_after) + off, 0., 1.);
  v_dash = float(gl_VertexID);
}`;

const INK_FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 u_ink;
out vec4 colour;
void main() { colour = vec4(u_ink.rgb * u_ink.a, u_ink.a); }`;

const TRAIL_VERTEX = `${HEAD}
in vec4 a_ends;
in float a_age;
out float v_alpha;
void main() {
  vec2 from = near(a_ends.xy);
  vec2 to = a_ends.zw + vec2(from.x - a_ends.x, 0.);
  vec4 one = u_matrix * vec4(from, 0., 1.);
  vec4 two = u_matrix * vec4(to, 0., 1.);
  vec2 along = (two.xy / two.w - one.xy / one.w) * u_size;
  vec2 across = length(along) > 0. ? normalize(vec2(-along.y, along.x)) : vec2(0.);
  int corner = gl_VertexID;
  bool isTo = corner == 1 || corner == 2 || corner == 4;
  float side = corner == 2 || corner == 4 || corner == 5 ? 1. : -1.;
  gl_Position = isTo ? two : one;
  gl_Position.xy += across * side * 0.9 / u_size * gl_Position.w * 2.;
  v_alpha = 0.15 + 0.75 * a_age;
}`;

const TRAIL_FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 u_ink;
in float v_alpha;
out vec4 colour;
void main() { colour = vec4(u_ink.rgb, 1.) * u_ink.a * v_alpha; }`;

export interface Program {
  program: WebGLProgram;
  place: (name: string) => number;
  uniform: (name: string) => WebGLUniformLocation | null;
}

function compile(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const shader = gl.createShader(kind);
  if (shader === null) throw new Error("no shader");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost())
    throw new Error(gl.getProgramInfoLog(program) ?? "no program");
  return {
    program,
    place: (name) => gl.getAttribLocation(program, name),
    uniform: (name) => gl.getUniformLocation(program, name),
  };
}

export function makePrograms(gl: WebGL2RenderingContext): { symbol: Program; ellipse: Program; trail: Program } {
  return {
    symbol: link(gl, SYMBOL_VERTEX, SYMBOL_FRAGMENT),
    ellipse: link(gl, ELLIPSE_VERTEX, INK_FRAGMENT),
    trail: link(gl, TRAIL_VERTEX, TRAIL_FRAGMENT),
  };
}
