import { Chart, html, short, smooth, steady } from './chart.js';

const $ = (id) => document.getElementById(id);
const token = location.hash.slice(1);

let info = null; // what the run is
let status = null; // where it stands
let connected = false;
let ended = false;
let steps = [], running = [], epochs = []; // rows, as the server sends them
let predictions = null;
let loss, rate, speed, metrics; // charts

// Connection.

let source = null;

function connect() {
  source = new EventSource('events');
  source.addEventListener('info', (e) => begin(JSON.parse(e.data)));
  source.addEventListener('news', (e) => take(JSON.parse(e.data)));
  source.addEventListener('end', () => {
    ended = true;
    source.close();
    show();
    setTimeout(again, 5000);
  });
  source.addEventListener('error', () => {
    connected = false;
    show();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000); // else it tries by itself
  });
}

// again looks for the next run at this address, which an open page then shows.
async function again() {
  try {
    if ((await fetch('icon.svg', { cache: 'no-store' })).ok) { location.reload(); return; }
  } catch { /* nothing is there yet */ }
  setTimeout(again, 5000);
}

function begin(i) {
  if (info && info.run !== i.run) { location.reload(); return; }
  connected = true;
  [steps, running, epochs] = [[], [], []];
  if (info) return;
  info = i;
  $('name').textContent = info.name;
  charts();
  about();
  pictures();
}

function take(news) {
  status = news.status;
  steps = grown(steps, news.steps);
  running = grown(running, news.running);
  epochs = grown(epochs, news.epochs);
  predictions = news.predictions ?? predictions;
  show();
}

function grown(rows, more) {
  if (!more) return rows;
  return more.anew ? more.rows : rows.concat(more.rows);
}

// Charts.

function charts() {
  loss = new Chart('Loss', [
    { name: 'step', kind: 'training', faint: true },
    { name: 'smoothed', kind: 'training' },
    { name: 'epoch', kind: 'training', dashed: true, dots: true, hidden: true },
    ...(info.validation ? [{ name: 'validation', kind: 'validation', dots: true }] : []),
  ]);
  metrics = info.metrics.map((name) => new Chart(capital(name), [
    { name: 'epoch so far', kind: 'training', faint: true },
    { name: 'training', kind: 'training', dots: true },
    ...(info.validation ? [{ name: 'validation', kind: 'validation', dots: true }] : []),
  ]));
  rate = new Chart('Learning rate', [{ name: 'learning rate', kind: 'other' }], { low: true, zero: true });
  speed = new Chart('Samples a second', [{ name: 'samples/s', kind: 'other' }], { low: true, zero: true });
  const large = [loss, ...metrics];
  if (large.length % 2) large.at(-1).figure.classList.add('only');
  $('charts').replaceChildren(...large.concat(rate, speed).map((c) => c.figure));
}

// column makes points of a column of rows, whose first one is a step.
function column(rows, i) { return rows.map((r) => [r[0] / info.stepsPerEpoch, r[i]]); }

function drawCharts() {
  const b = Number($('smoothing').value), m = info.metrics.length;
  const raw = column(steps, 1);
  const validated = info.validation > 0;
  loss.log = $('log').checked;
  loss.set([raw, smooth(raw, b), column(epochs, 1), ...(validated ? [column(epochs, 2 + m)] : [])]);
  metrics.forEach((chart, i) => {
    chart.set([column(running, 2 + i), column(epochs, 2 + i), ...(validated ? [column(epochs, 3 + m + i)] : [])]);
  });
  rate.set([column(steps, 2)]);
  speed.set([column(running, 1)]);
}

// What is said in words.

const names = { lost: 'connection lost', connecting: 'connecting' };
const marks = { paused: '⏸ ', done: '✓ ', stopped: '■ ', failed: '✗ ', lost: '? ' };

function stateNow() {
  if (!status) return connected || !info ? 'connecting' : 'lost';
  return connected || ended ? status.state : 'lost';
}

function showState() {
  const state = stateNow();
  if ($('state').dataset.state !== state) { // told once
    $('state').dataset.state = state;
    $('state').textContent = names[state] ?? state;
  }
  const total = info.epochs * info.stepsPerEpoch, part = status ? Math.min(1, status.step / total) : 0;
  $('progress').value = part;
  document.title = `${marks[state] ?? ''}${Math.floor(part * 100)} % · ${info.name}`;
  if (!status) return;
  const words = [`epoch ${count(Math.max(1, status.epoch))} of ${count(info.epochs)}`, `step ${count(status.step)} of ${count(total)}`];
  if (status.elapsed) words.push(`${time(status.elapsed)} gone`);
  if (status.left !== null && !ended) words.push(`about ${time(status.left)} left`);
  $('where').textContent = words.join(' · ');
}

function showNotice() {
  let text = '', bad = false;
  switch (stateNow()) {
    case 'lost': text = 'The connection is lost. This page tries again; what it shows is the last it knows.'; break;
    case 'failed': text = status.message; bad = true; break;
    case 'done': text = 'The run is done, and no longer served. What is shown stays until the page is closed.'; break;
    case 'stopped': text = `The run stopped ${status.message}. What is shown stays until the page is closed.`; break;
    default: if (refused) text = refused; else if (!token) text = 'To pause or stop the run, open the address that the program printed, with what follows the #.';
  }
  if ($('notice').textContent === text) return;
  $('notice').textContent = text;
  $('notice').classList.toggle('bad', bad);
  $('notice').hidden = !text;
}

function showTiles() {
  const m = info.metrics.length, last = epochs.at(-1), tiles = [];
  const smoothed = smooth(column(steps, 1), Number($('smoothing').value)).at(-1);
  tiles.push(['Training loss', steady(smoothed?.[1] ?? null), last ? `epoch: ${steady(last[1])}` : 'smoothed', 'training']);
  if (info.validation) tiles.push(['Validation loss', steady(last?.[2 + m] ?? null), best(2 + m, Math.min), 'validation']);
  info.metrics.forEach((name, i) => {
    const at = info.validation ? 3 + m + i : 2 + i;
    tiles.push([capital(name), steady(last?.[at] ?? running.at(-1)?.[2 + i] ?? null), last ? (info.validation ? 'validation' : 'training') : 'epoch so far', last && info.validation ? 'validation' : 'training']);
  });
  tiles.push(['Learning rate', short(status.lr), '', '']);
  tiles.push(['Samples a second', short(status.rate), '', '']);
  const over = ['done', 'stopped', 'failed'].includes(status.state);
  tiles.push(over ? ['Time', time(status.elapsed), '', ''] : ['Time left', status.left === null ? '–' : time(status.left), status.skipped ? `${status.skipped} steps skipped` : '', '']);
  const list = $('tiles');
  while (list.children.length > tiles.length) list.lastChild.remove();
  tiles.forEach(([name, value, below, kind], i) => {
    let tile = list.children[i];
    if (!tile) {
      tile = html('div');
      tile.append(html('dt'), html('dd'), html('dd', 'small'));
      list.append(tile);
    }
    tile.className = kind;
    [name, value, below].forEach((text, k) => { if (tile.children[k].textContent !== text) tile.children[k].textContent = text; });
  });
}

// best names the best epoch by a column.
function best(i, better) {
  let at = null;
  for (const row of epochs) if (row[i] !== null && (at === null || better(row[i], at[i]) !== at[i])) at = row;
  return at ? `best: ${steady(at[i])}, epoch ${epochOf(at)}` : '';
}

function epochOf(row) { return Math.round(row[0] / info.stepsPerEpoch); }

function showTable() {
  $('table').hidden = epochs.length === 0;
  if (!$('table').open || epochs.length === 0) return;
  const heads = ['epoch', 'loss', ...info.metrics], cells = heads.length;
  if (info.validation) heads.push('validation loss', ...info.metrics.map((n) => 'validation ' + n));
  const line = (kind, texts) => {
    const tr = html('tr');
    for (const text of texts) tr.append(html(kind, '', text));
    return tr;
  };
  $('table').querySelector('thead').replaceChildren(line('th', heads));
  const body = epochs.slice(-200).reverse().map((r) => line('td', [epochOf(r), ...r.slice(1, info.validation ? undefined : cells).map(short)]));
  $('table').querySelector('tbody').replaceChildren(...body);
}

function about() {
  const facts = [
    ['parameters', count(info.parameters)], ['optimiser', info.optimiser], ['batch', count(info.batch)],
    ['training samples', count(info.samples)],
  ];
  if (info.validation) facts.push(['validation samples', count(info.validation)]);
  $('about').replaceChildren(...facts.map(([name, value]) => {
    const fact = html('div');
    fact.append(html('dt', '', name), html('dd', '', value));
    return fact;
  }));
}

// Pictures.

function pictures() {
  if (!info.truth) return;
  $('samples-title').textContent = `Predictions of ${info.source} samples`;
  $('pictures').replaceChildren(...info.truth.map((truth, i) => {
    const item = html('li'), picture = html('img');
    picture.src = `picture/${i}`;
    picture.alt = `sample of class ${truth}`;
    const said = html('div', 'said'), meter = html('meter'), is = html('div', 'said truth');
    said.append(html('span'), html('span'));
    is.append(html('span', '', `is ${truth}`), html('span'));
    meter.max = 1;
    item.append(picture, said, meter, is);
    return item;
  }));
}

function showPredictions() {
  if (!predictions || !info.truth) return;
  $('samples').hidden = false;
  $('samples-right').textContent = `${predictions.filter((p) => p.right).length} of ${predictions.length} right`;
  predictions.forEach((p, i) => {
    const [, said, meter, truth] = $('pictures').children[i].children;
    $('pictures').children[i].className = p.right ? 'right' : 'wrong';
    said.children[0].textContent = `${p.right ? '✓' : '✗'} ${p.class}`;
    said.children[1].textContent = percent(p.confidence);
    meter.value = p.confidence ?? 0;
    meter.setAttribute('aria-label', `confidence ${percent(p.confidence)}`);
    truth.children[1].textContent = p.right ? '' : percent(p.ofTruth);
  });
}

// Controls.

let refused = '';

function showControls() {
  const state = stateNow(), live = ['running', 'validating', 'pausing', 'paused'].includes(state);
  $('controls').hidden = !token || ended;
  $('pause').disabled = $('stop').disabled = !live;
  $('pause').textContent = state === 'paused' || state === 'pausing' ? 'Continue' : 'Pause';
}

async function ask(what) {
  try {
    const answer = await fetch(what, { method: 'POST', headers: { 'X-Token': token } });
    refused = answer.ok ? '' : (await answer.text()).trim();
  } catch {
    refused = 'The run could not be reached.';
  }
  showNotice();
}

$('pause').addEventListener('click', () => ask($('pause').textContent.toLowerCase()));
$('stop').addEventListener('click', () => {
  $('confirm-text').textContent = info.checkpoints
    ? 'It ends after the step at hand, and saves a checkpoint from which it can go on.'
    : 'It ends after the step at hand. It saves no checkpoint: the program goes on with the weights as they are.';
  $('confirm').returnValue = 'no';
  $('confirm').showModal();
});
$('confirm').addEventListener('close', () => { if ($('confirm').returnValue === 'yes') ask('stop'); });
$('settings').addEventListener('submit', (e) => e.preventDefault());
$('smoothing').addEventListener('input', () => {
  $('smoothed').textContent = Number($('smoothing').value).toFixed(2);
  show();
});
$('log').addEventListener('change', show);
$('table').addEventListener('toggle', showTable);
document.addEventListener('visibilitychange', show);

// show draws what has changed, once a frame, and where nobody looks no more than the title.
let waiting = false;

function show() {
  if (!info) return;
  showState();
  if (waiting || document.hidden) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    showNotice();
    showControls();
    if (!status) return;
    showTiles();
    drawCharts();
    showPredictions();
    showTable();
  });
}

function count(n) { return n.toLocaleString('en'); }
function percent(p) { return p === null ? '–' : `${Math.round(p * 100)}\u00a0%`; }
function capital(s) { return s.charAt(0).toUpperCase() + s.slice(1).replaceAll('_', ' '); }

// time writes seconds.
function time(s) {
  s = Math.round(s);
  const two = (n) => String(n).padStart(2, '0');
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${two(m)} min`;
  return m ? `${m}:${two(s % 60)} min` : `${s} s`;
}

connect();
