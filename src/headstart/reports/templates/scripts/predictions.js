// All predictions that the page holds: searched, sorted, narrowed down and leafed through. Names are foreign: they become text
// nodes and values of options, never markup.

const ROWS_ON_A_PAGE = matchMedia('(max-width: 42rem)').matches ? 10 : 25;
const MOST_CHOICES = 400; // of a list to choose from; beyond it, search is quicker

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

class Column {
  constructor({ label, kind, values, names }) {
    Object.assign(this, { label, kind, values, names, isNumber: kind === 'share' || kind === 'number' });
    this.small = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
    if (kind === 'name') this.lower = names.map(name => name.toLowerCase());
  }

  text(row) {
    const value = this.values[row];
    if (this.kind === 'name') return this.names[value];
    if (this.kind === 'text') return value;
    if (value === null) return '–';
    if (this.kind === 'share') return `${(value / 10).toFixed(1)}\u202f%`;
    const whole = Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : this.small.format(value);
    return whole.replace('-', '\u2212');
  }

  has(row, word) {
    if (this.kind === 'name') return this.lower[this.values[row]].includes(word);
    return this.kind === 'text' && this.values[row].toLowerCase().includes(word);
  }

  compare(a, b) {
    const [x, y] = [this.values[a], this.values[b]];
    return this.kind === 'text' ? collator.compare(x, y) : x - y; // names are in order of the alphabet
  }

  get choices() {
    const used = new Set(this.values);
    return this.kind === 'name' && used.size > 1 && used.size <= MOST_CHOICES
      ? [...used].sort((a, b) => a - b).map(place => [place, this.names[place] || `not ${this.names.at(-1)}`])
      : [];
  }
}

class Browser {
  constructor(section, { total, columns }) {
    this.columns = columns.map(each => new Column(each));
    this.count = this.columns[0].values.length;
    this.total = total;
    this.table = section.querySelector('table');
    this.status = section.querySelector('[role=status]');
    this.order = Array.from({ length: this.count }, (_, row) => row);
    this.wanted = new Map();
    this.word = '';
    this.page = 0;
    this.controls(section.querySelector('.controls'));
    this.heads();
    this.pager(section.querySelector('.pager'));
    this.narrow();
  }

  controls(place) {
    const search = make('input', { type: 'search', autocomplete: 'off', spellcheck: false });
    search.oninput = () => {
      this.word = search.value.trim().toLowerCase();
      this.narrow();
    };
    place.append(make('label', { className: 'search' }, make('span', { textContent: 'Search names' }), search));
    this.selects = new Map();
    for (const column of this.columns.filter(each => each.choices.length)) {
      const select = make('select', {}, new Option('all', ''));
      for (const [value, text] of column.choices) select.append(new Option(text, value));
      select.onchange = () => this.choose(column, select.value);
      this.selects.set(column, select);
      place.append(make('label', {}, make('span', { textContent: column.label }), select));
    }
    place.hidden = false;
  }

  choose(column, value) {
    this.selects.get(column).value = value;
    if (value === '') this.wanted.delete(column);
    else this.wanted.set(column, Number(value));
    this.narrow();
  }

  heads() {
    const heads = [...this.table.tHead.rows[0].cells];
    this.table.classList.add('sortable');
    heads.forEach((head, at) => {
      const column = this.columns[at];
      sortButton(head, column.isNumber, heads, direction => {
        this.order = Array.from({ length: this.count }, (_, row) => row);
        const blank = row => this.columns[at].values[row] === null;
        if (direction)
          this.order.sort((a, b) => blank(a) - blank(b) || (blank(a) ? 0 : direction * column.compare(a, b)));
        this.narrow();
      });
    });
  }

  pager(place) {
    const step = (text, by) =>
      make('button', { type: 'button', textContent: text, onclick: () => this.show(this.page + by) });
    [this.back, this.next] = [step('Previous', -1), step('Next', 1)];
    this.where = make('span');
    const csv = make('button', { type: 'button', textContent: 'Save these as CSV', onclick: () => this.save() });
    place.append(this.back, this.where, this.next, csv);
    place.hidden = false;
  }

  narrow() {
    const wanted = [...this.wanted];
    this.found = this.order.filter(
      row =>
        wanted.every(([column, value]) => column.values[row] === value) &&
        (!this.word || this.columns.some(column => column.has(row, this.word))),
    );
    this.show(0);
  }

  show(page) {
    const pages = Math.max(1, Math.ceil(this.found.length / ROWS_ON_A_PAGE));
    this.page = Math.min(Math.max(page, 0), pages - 1);
    const rows = this.found.slice(this.page * ROWS_ON_A_PAGE, (this.page + 1) * ROWS_ON_A_PAGE);
    this.table.tBodies[0].replaceChildren(...rows.map(row => this.row(row)));
    const number = value => value.toLocaleString('en');
    this.where.textContent = `Page ${number(this.page + 1)} of ${number(pages)}`;
    this.back.setAttribute('aria-disabled', this.page === 0);
    this.next.setAttribute('aria-disabled', this.page === pages - 1);
    this.status.textContent = `${number(this.found.length)} of ${number(this.count)} examples`;
  }

  row(row) {
    const cells = this.columns.map((column, at) => {
      const text = make('bdi', { textContent: column.text(row) });
      const cell = make(at ? 'td' : 'th', { className: column.isNumber ? 'number' : '' }, text);
      cell.setAttribute('role', at ? 'cell' : 'rowheader');
      if (at) cell.dataset.label = column.label;
      else cell.scope = 'row';
      if (column.label === 'Right' && text.textContent === 'wrong') cell.classList.add('wrong-answer');
      return cell;
    });
    const line = make('tr', {}, ...cells);
    line.setAttribute('role', 'row');
    return line;
  }

  save() {
    const head = this.columns.map(each => each.label);
    const cell = (column, row) => (column.kind === 'number' ? (column.values[row] ?? '') : plain(column.text(row)));
    saveCsv([head, ...this.found.map(row => this.columns.map(each => cell(each, row)))], 'predictions');
  }
}

const packed = document.getElementById('predictions-data');
if (packed && 'DecompressionStream' in window)
  unpacked(packed.textContent.trim()).then(document_ => {
    const section = document.getElementById('predictions');
    const browser = new Browser(section, document_);
    section.classList.add('alive');
    linkConfusions(browser);
  });

// A count of mistakes in the confusion matrix leads to these mistakes.
function linkConfusions(browser) {
  const [truth, answer] = ['Label', 'Answer'].map(label => browser.columns.find(each => each.label === label));
  if (!truth || !answer || ![truth, answer].every(each => browser.selects.has(each))) return;
  for (const cell of document.querySelectorAll('.matrix td[data-truth]')) {
    const places = [truth, answer].map((column, at) => column.names.indexOf([cell.dataset.truth, cell.dataset.answer][at]));
    if (places.includes(-1)) continue;
    const link = make('a', { href: '#predictions', title: cell.title }, ...cell.childNodes);
    link.setAttribute('aria-label', `${cell.title}: show them`);
    link.onclick = () => [truth, answer].forEach((column, at) => browser.choose(column, String(places[at])));
    cell.append(link);
  }
}
