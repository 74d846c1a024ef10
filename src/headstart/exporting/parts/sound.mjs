// From a recording to the tensor that the model takes: WAV is decoded here, what else a browser knows by the browser.

/** float32 (1, S): one channel in -1 to 1 at the network's rate, NaN where padded. `input`: a File or Blob, or its bytes. */
export async function tensor(input, { preprocessing: asked }) {
  const bytes = new Uint8Array(input instanceof Blob ? await input.arrayBuffer() : input);
  const found = wav(bytes) ?? (await byBrowser(bytes, input.name));
  let wave = resampled(loudAtMost1(middle(found, asked.max_seconds)), found.rate, asked.sample_rate);
  wave = wave.subarray(0, Math.max(1, rounded(asked.max_seconds * asked.sample_rate)));
  if (asked.scaling === "unit_variance") wave = standardised(wave);
  const missing = Math.max(0, Math.max(1, rounded(asked.min_seconds * asked.sample_rate)) - wave.length);
  const step = Math.max(1, rounded(asked.step_seconds * asked.sample_rate));
  const length = wave.length + missing;
  const data = new Float32Array(Math.ceil(length / step) * step).fill(NaN);
  data.fill(0, 0, length).set(wave, Math.floor(missing / 2)); // a short one lies in the middle of silence
  return { type: "float32", data, dims: [1, data.length] };
}

/** To the nearest integer, halves to the even one. */
function rounded(value) {
  return value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

/** Channels averaged; of a long recording the middle. */
function middle({ frames, channels, rate, sample }, seconds) {
  const wanted = Math.min(frames, Math.max(1, rounded(seconds * rate)));
  const start = Math.floor((frames - wanted) / 2);
  return Float32Array.from({ length: wanted }, (_, place) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum = Math.fround(sum + sample(start + place, channel));
    return sum / channels;
  });
}

function loudAtMost1(wave) {
  const numbers = wave.filter(Number.isFinite);
  if (!(numbers.length > 0.5 * wave.length)) throw new Error("the recording holds no samples that are numbers");
  const peak = numbers.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
  return wave.map((each) => (Number.isFinite(each) ? each / peak : 0));
}

function standardised(wave) {
  const mean = wave.reduce((sum, each) => sum + each, 0) / wave.length;
  const variance = wave.reduce((sum, each) => sum + (each - mean) ** 2, 0) / wave.length;
  return wave.map((each) => (each - mean) / Math.sqrt(variance + 1e-7));
}

const PCM = 1, FLOAT = 3, A_LAW = 6, MU_LAW = 7, EXTENSIBLE = 0xfffe;

/** Rate, channels, frames and samples of a WAV file; null where it is no WAV file, or of a kind that is not known here. */
export function wav(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || name(0) !== "RIFF" || name(8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [chunk, size] = [name(at), view.getUint32(at + 4, true)];
    if (chunk === "fmt " && at + 24 <= bytes.length) format = formatAt(view, at + 8);
    if (chunk === "data" && format) return withData(view, format, at + 8, size);
    at += 8 + size + (size % 2);
  }
  throw new Error("the WAV file is damaged or cut off: it holds no samples");
}

function formatAt(view, at) {
  const tag = view.getUint16(at, true);
  const isLong = tag === EXTENSIBLE && at + 26 <= view.byteLength;
  return { tag: isLong ? view.getUint16(at + 24, true) : tag, channels: view.getUint16(at + 2, true),
    rate: view.getUint32(at + 4, true), block: view.getUint16(at + 12, true) };
}

function withData(view, { tag, channels, rate, block }, start, size) {
  const width = block / channels;
  const read = reader(view, tag, width);
  if (!read || !rate) return null;
  const there = view.byteLength - start;
  const frames = Math.floor((size === 0 ? there : Math.min(size, there)) / block);
  if (frames < 1) throw new Error("the WAV file is damaged or cut off: it holds no samples");
  return { rate, channels, frames, sample: (frame, channel) => Math.fround(read(start + frame * block + channel * width)) };
}

/** The sample that begins at a byte, in -1 to 1. */
function reader(view, tag, width) {
  if (tag === PCM) {
    return {
      1: (at) => (view.getUint8(at) - 128) / 2 ** 7,
      2: (at) => view.getInt16(at, true) / 2 ** 15,
      3: (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23,
      4: (at) => view.getInt32(at, true) / 2 ** 31,
    }[width];
  }
  if (tag === FLOAT) return { 4: (at) => view.getFloat32(at, true), 8: (at) => view.getFloat64(at, true) }[width];
  if (width !== 1) return undefined;
  return { [A_LAW]: (at) => aLaw(view.getUint8(at)), [MU_LAW]: (at) => muLaw(view.getUint8(at)) }[tag];
}

/** ITU-T G.711. */
function aLaw(byte) {
  const [code, segment] = [byte ^ 0x55, ((byte ^ 0x55) >> 4) & 7];
  const size = ((code & 15) << 4) + 8 + (segment ? 0x100 : 0);
  return ((code & 0x80 ? 1 : -1) * (size << Math.max(segment - 1, 0))) / 2 ** 15;
}

function muLaw(byte) {
  const code = ~byte & 0xff;
  const size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return ((code & 0x80 ? -1 : 1) * size) / 2 ** 15;
}

/** What the browser makes of any other file, at the file's own rate, so that it does not resample it. */
async function byBrowser(bytes, name = "it") {
  if (!globalThis.OfflineAudioContext) throw new Error(`${name} is not a WAV file that can be read; others need a browser`);
  try {
    const sound = await new OfflineAudioContext(1, 1, ownRate(bytes)).decodeAudioData(bytes.slice().buffer);
    const all = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
    return { rate: sound.sampleRate, channels: all.length, frames: sound.length, sample: (frame, channel) => all[channel][frame] };
  } catch {
    throw new Error(`${name} is not a recording that this browser can read; WAV always works`);
  }
}

/** Samples per second of FLAC, Ogg Vorbis and MP3; of others 48,000, which Opus always has. */
export function ownRate(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begins = (at, text) => [...text].every((letter, place) => bytes[at + place] === letter.charCodeAt(0));
  if (begins(0, "fLaC") && bytes.length > 21) return usual((view.getUint32(18) >>> 12));
  if (begins(0, "OggS") && begins(28, "\x01vorbis") && bytes.length > 44) return usual(view.getUint32(40, true));
  const tag = begins(0, "ID3") ? 10 + bytes.subarray(6, 10).reduce((sum, each) => sum * 128 + each, 0) : 0;
  const [first, second, third] = bytes.subarray(tag, tag + 3);
  const version = (second >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  if (first !== 0xff || (second & 0xe0) !== 0xe0 || version === 1) return 48000;
  return usual([44100, 48000, 32000][(third >> 2) & 3] / { 3: 1, 2: 2, 0: 4 }[version]);
}

function usual(rate) {
  return rate >= 8000 && rate <= 96000 ? rate : 48000; // what every browser decodes at
}

/** Another rate by a polyphase filter: a sinc of 64 zero crossings in a Kaiser window, half way at 0.955 of it. */
export function resampled(wave, rate, target) {
  const [up, down] = ratio(target, rate);
  if (up === down) return wave;
  const taps = filter(Math.max(up, down), up);
  const half = (taps.length - 1) / 2;
  return Float32Array.from({ length: Math.ceil((wave.length * up) / down) }, (_, place) => {
    const centre = place * down + half;
    const last = Math.min(wave.length - 1, Math.floor(centre / up));
    let sum = 0;
    for (let each = Math.max(0, Math.ceil((centre - 2 * half) / up)); each <= last; each++) sum += wave[each] * taps[centre - each * up];
    return sum;
  });
}

function filter(largest, up) {
  const half = 64 * largest;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, place) => {
    const angle = Math.PI * (0.955 / largest) * (place - half);
    const window = bessel(9 * Math.sqrt(1 - ((place - half) / half) ** 2)) / bessel(9);
    return (angle === 0 ? 1 : Math.sin(angle) / angle) * window;
  });
  const sum = taps.reduce((total, each) => total + each, 0);
  return Float32Array.from(taps, (each) => Math.fround(each / sum) * up);
}

/** The modified Bessel function of order 0, by its series. */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

/** The nearest fraction with a denominator of at most 4,096, at least 1/4096. */
export function ratio(target, rate) {
  const divided = (one, other) => (other ? divided(other, one % other) : one);
  const by = divided(target, rate);
  if (rate / by <= 4096) return [target / by, rate / by];
  let [p0, q0, p1, q1, n, d] = [0, 1, 1, 0, target / by, rate / by];
  for (;;) {
    const whole = Math.floor(n / d);
    if (q0 + whole * q1 > 4096) break;
    [p0, q0, p1, q1, n, d] = [p1, q1, p0 + whole * p1, q0 + whole * q1, d, n - whole * d];
  }
  const steps = Math.floor((4096 - q0) / q1);
  const found = 2 * d * (q0 + steps * q1) <= rate / by ? [p1, q1] : [p0 + steps * p1, q0 + steps * q1];
  return found[0] ? found : [1, 4096];
}
