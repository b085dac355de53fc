// A chart of curves over the epochs, as an SVG.

const svgNames = 'http://www.w3.org/2000/svg';
const margin = { left: 52, right: 10, top: 8, bottom: 22 };

function element(name, attributes, parent) {
  const e = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  parent?.append(e);
  return e;
}

// html makes an element with a class and a text.
export function html(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

// short writes a number with few digits.
export function short(v) {
  if (v === null || v === undefined || !Number.isFinite(v)) return '–';
  const size = Math.abs(v);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return v.toExponential(2).replace('e+', 'e').replace(/\.?0+e/, 'e');
  if (size >= 100) return Math.round(v).toLocaleString('en');
  return v.toPrecision(4).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

// steady writes a number so that its digits do not jump when it changes.
export function steady(v) {
  const size = Math.abs(v);
  return v !== null && size >= 1e-3 && size < 100 ? v.toPrecision(4) : short(v);
}

// roundTicks are about n round numbers from low to high.
function roundTicks(low, high, n) {
  const rough = (high - low) / n, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)); 10 ** p <= high; p++) {
    for (const m of [1, 2, 5]) if (m * 10 ** p >= low && m * 10 ** p <= high) ticks.push(m * 10 ** p);
  }
  return ticks.length > 7 ? ticks.filter((t) => Number.isInteger(Math.log10(t))) : ticks;
}

// tickText drops what rounding left.
function tickText(v) {
  const size = Math.abs(v);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return Number(v.toPrecision(3)).toExponential().replace('e+', 'e');
  return Number(v.toPrecision(6)).toLocaleString('en', { maximumFractionDigits: 6 });
}

// Chart draws curves: { name, kind, faint, dashed, dots }. Of those that are faint, what
// sticks out does not count for the scale.
export class Chart {
  constructor(title, curves, { low = false, zero = false } = {}) {
    this.title = title;
    this.curves = curves.map((c) => ({ ...c, points: [], shown: !c.hidden }));
    this.zero = zero; // the scale begins at 0
    this.log = false;
    this.at = null; // the position of the cursor, in epochs
    this.figure = html('figure', 'chart card' + (low ? ' low' : ''));
    const heading = html('figcaption', 'heading');
    heading.append(html('h2', '', title));
    if (curves.length > 1) heading.append(this.legend());
    this.svg = element('svg', { role: 'img', tabindex: '0' });
    this.tip = html('div', 'tip');
    this.tip.hidden = true;
    this.figure.append(heading, this.svg, this.tip);
    new ResizeObserver(() => this.draw()).observe(this.svg);
    this.svg.addEventListener('pointermove', (e) => this.point(this.position(e.clientX)));
    this.svg.addEventListener('pointerdown', (e) => this.point(this.position(e.clientX)));
    this.svg.addEventListener('pointerleave', () => this.point(null));
    this.svg.addEventListener('blur', () => this.point(null));
    this.svg.addEventListener('keydown', (e) => this.key(e));
  }

  legend() {
    const legend = html('div', 'legend');
    for (const c of this.curves) {
      const b = html('button', c.kind);
      b.type = 'button';
      const sample = element('svg', { viewBox: '0 0 20 8', 'aria-hidden': 'true' }, b);
      element('path', { d: 'M1 4H19', class: this.look(c) }, sample);
      if (c.dots) element('circle', { cx: 10, cy: 4, r: 3, class: 'dot ' + c.kind }, sample);
      b.append(c.name);
      b.setAttribute('aria-pressed', c.shown);
      b.addEventListener('click', () => {
        c.shown = !c.shown;
        b.setAttribute('aria-pressed', c.shown);
        this.draw();
      });
      legend.append(b);
    }
    return legend;
  }

  look(c) { return `curve ${c.kind}${c.faint ? ' faint' : ''}${c.dashed ? ' dashed' : ''}`; }

  // set replaces the points of all curves, arrays of [epoch, value or null].
  set(points) {
    this.curves.forEach((c, i) => { c.points = points[i]; });
    this.draw();
  }

  // scale sets the bounds of both axes.
  scale() {
    const xs = [], firm = [], faint = [];
    for (const c of this.curves.filter((c) => c.shown)) {
      for (const [x, y] of c.points) {
        if (y === null || this.log && y <= 0) continue;
        xs.push(x);
        (c.faint ? faint : firm).push(y);
      }
    }
    if (xs.length === 0) return false;
    faint.sort((a, b) => a - b);
    const within = faint.length ? [faint[Math.floor(faint.length * 0.02)], faint[Math.ceil(faint.length * 0.98) - 1]] : [];
    let low = Infinity, high = -Infinity;
    for (const y of firm.concat(within)) { low = Math.min(low, y); high = Math.max(high, y); }
    if (this.zero) low = Math.min(0, low);
    if (low === high) { low -= Math.abs(low) / 10 || 1; high += Math.abs(high) / 10 || 1; }
    if (this.log) {
      if (low <= 0) low = high / 10;
      const room = (high / low) ** 0.04;
      [this.low, this.high] = [low / room, high * room];
    } else {
      const room = (high - low) * 0.04;
      [this.low, this.high] = [this.zero && low === 0 ? 0 : low - room, high + room];
    }
    this.first = xs.reduce((a, b) => Math.min(a, b));
    this.last = xs.reduce((a, b) => Math.max(a, b));
    if (this.first <= 0.05 * this.last) this.first = 0;
    if (this.first === this.last) { this.first -= 0.5; this.last += 0.5; }
    return true;
  }

  x(v) { return margin.left + (v - this.first) / (this.last - this.first) * (this.width - margin.left - margin.right); }

  y(v) {
    const part = this.log ? Math.log(v / this.low) / Math.log(this.high / this.low) : (v - this.low) / (this.high - this.low);
    return this.height - margin.bottom - part * (this.height - margin.top - margin.bottom);
  }

  draw() {
    this.width = this.svg.clientWidth;
    this.height = this.svg.clientHeight;
    if (this.width === 0) return;
    this.svg.replaceChildren();
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height}`);
    this.svg.setAttribute('aria-label', this.spoken());
    if (!this.scale()) {
      element('text', { x: this.width / 2, y: this.height / 2, 'text-anchor': 'middle' }, this.svg).textContent = 'nothing yet';
      this.drawn = false;
      return;
    }
    this.drawn = true;
    this.axes();
    const id = 'clip-' + this.title.replace(/\W/g, '-');
    const clip = element('clipPath', { id }, this.svg);
    element('rect', {
      x: margin.left, y: 0, width: Math.max(0, this.width - margin.left), height: this.height - margin.bottom + 4,
    }, clip);
    const area = element('g', { 'clip-path': `url(#${id})` }, this.svg);
    for (const c of this.curves.filter((c) => c.shown)) this.curve(c, area);
    if (this.at !== null) this.point(this.at);
  }

  axes() {
    const right = this.width - margin.right, foot = this.height - margin.bottom;
    for (const v of this.log ? logTicks(this.low, this.high) : roundTicks(this.low, this.high, this.height < 180 ? 3 : 5)) {
      const y = this.y(v);
      element('line', { x1: margin.left, x2: right, y1: y, y2: y, class: 'grid' }, this.svg);
      element('text', { x: margin.left - 6, y: y + 4, 'text-anchor': 'end' }, this.svg).textContent = tickText(v);
    }
    for (const v of roundTicks(this.first, this.last, this.width < 420 ? 4 : 8)) {
      const x = this.x(v), near = x > right - 46; // there it says epoch
      element('line', { x1: x, x2: x, y1: foot, y2: foot + 4, class: 'grid' }, this.svg);
      if (!near) element('text', { x, y: foot + 16, 'text-anchor': 'middle' }, this.svg).textContent = tickText(v);
    }
    element('text', { x: right, y: foot + 16, 'text-anchor': 'end' }, this.svg).textContent = 'epoch';
  }

  curve(c, parent) {
    let d = '', pen = false;
    for (const [x, y] of thin(c.points, this.width)) {
      if (y === null || this.log && y <= 0) { pen = false; continue; }
      d += `${pen ? 'L' : 'M'}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
      pen = true;
    }
    if (d) element('path', { d, class: this.look(c) }, parent);
    if (!c.dots || c.points.length > this.width / 14) return;
    for (const [x, y] of c.points) {
      if (y !== null && !(this.log && y <= 0)) element('circle', { cx: this.x(x), cy: this.y(y), r: 3.2, class: 'dot ' + c.kind }, parent);
    }
  }

  // position turns a place on the screen to one on the axis.
  position(clientX) {
    const part = (clientX - this.svg.getBoundingClientRect().left - margin.left) / (this.width - margin.left - margin.right);
    return this.first + Math.min(1, Math.max(0, part)) * (this.last - this.first);
  }

  key(e) {
    const step = (this.last - this.first) / 50;
    switch (e.key) {
      case 'ArrowLeft': this.point(Math.max(this.first, (this.at ?? this.last) - step)); break;
      case 'ArrowRight': this.point(Math.min(this.last, (this.at ?? this.first) + step)); break;
      case 'Home': this.point(this.first); break;
      case 'End': this.point(this.last); break;
      case 'Escape': this.point(null); break;
      default: return;
    }
    e.preventDefault();
  }

  // point shows the values at a position of the axis, null for nowhere.
  point(at) {
    this.svg.querySelector('.cursor')?.remove();
    this.at = this.drawn ? at : null;
    this.tip.hidden = this.at === null;
    if (this.at === null) return;
    const x = this.x(at);
    element('line', { x1: x, x2: x, y1: margin.top, y2: this.height - margin.bottom, class: 'cursor' }, this.svg);
    this.tip.replaceChildren(html('b', '', 'epoch ' + at.toFixed(2)));
    for (const c of this.curves.filter((c) => c.shown)) {
      const nearest = closest(c.points, at);
      if (!nearest) continue;
      const line = html('span', c.kind);
      line.append(html('i'), `${c.name} ${short(nearest[1])}`);
      this.tip.append(line);
    }
    const left = x + 12 + this.tip.offsetWidth > this.width ? x - 12 - this.tip.offsetWidth : x + 12;
    this.tip.style.left = `${this.svg.offsetLeft + Math.max(0, left)}px`;
    this.tip.style.top = `${this.svg.offsetTop + margin.top}px`;
  }

  spoken() {
    const values = this.curves.filter((c) => !c.faint && c.points.length).map((c) => `${c.name} ${short(c.points.at(-1)[1])}`);
    return `${this.title} over the epochs, at last: ${values.join(', ') || 'nothing yet'}`;
  }
}

// closest is the point nearest to a position; they are in order.
function closest(points, at) {
  let low = 0, high = points.length - 1;
  if (high < 0) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < at) low = middle; else high = middle;
  }
  return at - points[low][0] <= points[high][0] - at ? points[low] : points[high];
}

// thin keeps of many points the lowest and the highest of each pixel.
function thin(points, width) {
  const many = Math.ceil(points.length / width);
  if (many <= 2) return points;
  const kept = [];
  for (let i = 0; i < points.length; i += many) {
    let low = i, high = i;
    for (let k = i + 1; k < Math.min(i + many, points.length); k++) {
      if (points[k][1] < points[low][1]) low = k;
      if (points[k][1] > points[high][1]) high = k;
    }
    kept.push(points[Math.min(low, high)]);
    if (low !== high) kept.push(points[Math.max(low, high)]);
  }
  return kept;
}

// smooth is a running mean with weight b on what was before, without a bias to 0.
export function smooth(points, b) {
  let sum = 0, weight = 0;
  return points.map(([x, y]) => {
    if (y === null) return [x, null];
    sum = b * sum + (1 - b) * y;
    weight = b * weight + 1 - b;
    return [x, sum / weight];
  });
}
