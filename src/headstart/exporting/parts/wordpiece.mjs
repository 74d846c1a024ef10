// From a text, or a pair, to the tensor that the model takes: word pieces, as BERT's tokenizers make them of tokenizer.json.
import { textsOf } from "./texts.mjs";

const UNSEEN = /[\0\ufffd]|(?![\t\n\r])\p{C}/gu;
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
const PUNCTUATION = /([!-/:-@[-`{-~]|\p{P})/u;
const SPACE = /\p{White_Space}+/u;

/** The tokenizer that the network was trained with. */
export async function prepared(asked, json) {
  return tokenizer(await json(asked.tokenizer));
}

/** Its vocabulary, and what it puts around one text and around a pair. */
export function tokenizer({ model, normalizer, post_processor: around, added_tokens: added }) {
  const special = added.map((each) => each.content).sort((one, other) => other.length - one.length);
  const escaped = special.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const split = escaped.length ? new RegExp(`(${escaped.join("|")})`) : null;
  const vocabulary = new Map(Object.entries(model.vocab));
  const ids = new Map([...vocabulary, ...added.map((each) => [each.content, each.id])]);
  const { single, pair } = around.single ? around : asTemplate(around);
  return { model, vocabulary, normalizer, ids, split, special: new Set(special), templates: [single, pair] };
}

/** BertProcessing as the template that it stands for. */
function asTemplate({ cls: [cls], sep: [sep] }) {
  const token = (id, segment) => ({ SpecialToken: { id, type_id: segment } });
  const text = (id, segment) => ({ Sequence: { id, type_id: segment } });
  const single = [token(cls, 0), text("A", 0), token(sep, 0)];
  return { single, pair: [...single, text("B", 1), token(sep, 1)] };
}

/** int32 (1, T, 2): token and segment, -1 where padded. */
export async function tensor(input, { preprocessing: settings }, made) {
  const most = settings.max_tokens;
  const texts = textsOf(input).map((text) => pieces(settings.prefix + beginning(text, 32 * most), made));
  const template = made.templates[texts.length - 1];
  const lengths = kept(texts.map((each) => each.length), most - template.filter((each) => each.SpecialToken).length);
  const all = template.flatMap(({ SpecialToken: token, Sequence: text }) => {
    if (token) return [[made.ids.get(token.id), token.type_id]];
    const place = text.id === "A" ? 0 : 1;
    return texts[place].slice(0, lengths[place]).map((id) => [id, text.type_id]);
  });
  const step = settings.step * (all.length <= 32 ? 1 : 8);
  const length = Math.max(Math.min(Math.ceil(all.length / step) * step, most), all.length);
  const data = new Int32Array(2 * length).fill(-1);
  data.set(all.flat());
  return { type: "int32", data, dims: [1, length, 2] };
}

/** How many pieces of a text, or of each of a pair, fit into so many: the longer one is cut down to the other first. */
function kept([first, second], most) {
  if (second === undefined) return [Math.min(first, most)];
  if (first + second <= most) return [first, second];
  const shorter = Math.min(first, second);
  const longer = shorter > most ? shorter : Math.max(shorter, most - shorter);
  const both = shorter + longer > most ? [Math.floor(most / 2), Math.ceil(most / 2)] : [shorter, longer];
  return first > second ? both.reverse() : both;
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
function ofWord(word, { model, vocabulary, ids }) {
  const characters = Array.from(word);
  if (characters.length > model.max_input_chars_per_word) return [ids.get(model.unk_token)];
  const found = [];
  for (let start = 0, end; start < characters.length; start = end) {
    const named = (to) => (start ? model.continuing_subword_prefix : "") + characters.slice(start, to).join("");
    for (end = characters.length; end > start && !vocabulary.has(named(end)); end--);
    if (end === start) return [ids.get(model.unk_token)];
    found.push(vocabulary.get(named(end)));
  }
  return found;
}
