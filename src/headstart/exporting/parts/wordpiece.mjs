// From a text to the tensor that the model takes: word pieces, as BERT's tokenizers make them of tokenizer.json.

const CONTROLS = /[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]/g;
const UNSEEN = /[\0\ufffd]|(?![\t\n\r])\p{C}/gu;
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
const PUNCTUATION = /([!-/:-@[-`{-~]|\p{P})/u;
const SPACE = /\p{White_Space}+/u;

/** The tokenizer that the network was trained with. */
export async function prepared(asked, folder) {
  return tokenizer(await (await fetch(new URL(asked.tokenizer, folder))).json());
}

/** Its vocabulary, and what it puts around a text: [id, segment] before and behind. */
export function tokenizer({ model, normalizer, post_processor: around, added_tokens: added }) {
  const special = added.map((each) => each.content).sort((one, other) => other.length - one.length);
  const escaped = special.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const split = escaped.length ? new RegExp(`(${escaped.join("|")})`) : null;
  const ids = new Map([...Object.entries(model.vocab), ...added.map((each) => [each.content, each.id])]);
  const template = around.single ?? [{ SpecialToken: { id: around.cls[0], type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: around.sep[0], type_id: 0 } }];
  const at = template.findIndex((each) => each.Sequence);
  const pair = ({ SpecialToken: { id, type_id: segment } }) => [ids.get(id), segment];
  return { model, normalizer, ids, split, special: new Set(special), segment: template[at].Sequence.type_id,
    before: template.slice(0, at).map(pair), behind: template.slice(at + 1).map(pair) };
}

/** int32 (1, T, 2): token and segment, -1 where padded. */
export async function tensor(text, { preprocessing: settings }, made) {
  const plain = text.replace(CONTROLS, "");
  if (!plain.trim()) throw new Error("an empty text");
  const most = settings.max_tokens;
  const tokens = pieces(settings.prefix + beginning(plain, 32 * most), made).slice(0, most - made.before.length - made.behind.length);
  const all = [...made.before, ...tokens.map((id) => [id, made.segment]), ...made.behind];
  const step = settings.step * (all.length <= 32 ? 1 : 8);
  const length = Math.max(Math.min(Math.ceil(all.length / step) * step, most), all.length);
  const data = new Int32Array(2 * length).fill(-1);
  data.set(all.flat());
  return { type: "int32", data, dims: [1, length, 2] };
}

/** The first characters, up to a white space where there is one in their last quarter. */
function beginning(text, characters) {
  const all = Array.from(text);
  if (all.length <= characters) return text;
  const cut = all.slice(0, characters);
  const space = cut.findLastIndex((each) => SPACE.test(each));
  return cut.slice(0, space >= characters - Math.floor(characters / 4) ? space : characters).join("");
}

/** Numbers of a text's pieces. */
export function pieces(text, made) {
  const parts = made.split ? text.split(made.split) : [text];
  return parts.flatMap((part) => (made.special.has(part) ? [made.ids.get(part)] : words(part, made.normalizer).flatMap((word) => ofWord(word, made))));
}

/** Words and marks: cleaned, Chinese characters apart, without accents, in lower case. */
function words(text, { clean_text: clean, handle_chinese_chars: apart, strip_accents: strip, lowercase }) {
  let found = text;
  if (clean) found = found.replace(UNSEEN, "").replace(/\p{White_Space}/gu, " ");
  if (apart) found = found.replace(CHINESE, " $& ");
  if (strip ?? lowercase) found = found.normalize("NFD").replace(/\p{Mn}/gu, "");
  if (lowercase) found = Array.from(found, (each) => each.toLowerCase()).join("");
  return found.split(SPACE).flatMap((each) => each.split(PUNCTUATION)).filter(Boolean);
}

/** The longest piece that is known, then the longest of what is left; a word that cannot be put together is unknown. */
function ofWord(word, { model, ids }) {
  const characters = Array.from(word);
  if (characters.length > model.max_input_chars_per_word) return [ids.get(model.unk_token)];
  const found = [];
  for (let start = 0, end; start < characters.length; start = end) {
    const named = (to) => (start ? model.continuing_subword_prefix : "") + characters.slice(start, to).join("");
    for (end = characters.length; end > start && !(named(end) in model.vocab); end--);
    if (end === start) return [ids.get(model.unk_token)];
    found.push(model.vocab[named(end)]);
  }
  return found;
}
