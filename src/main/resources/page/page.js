'use strict';
// Live updates of the sections, and the charts. The server renders everything else.
(() => {
  const $ = id => document.getElementById(id);
  const sections = ['status', 'gateways', 'flow', 'dead', 'warnings', 'sample'];

  // ---- times in the reader's zone
  const today = new Intl.DateTimeFormat(undefined, {timeStyle: 'medium', hourCycle: 'h23'});
  const earlier = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23'});
  const local = date => (date.toDateString() === new Date().toDateString() ? today : earlier).format(date);
  const localise = root => root.querySelectorAll('time').forEach(time => {
    time.textContent = local(new Date(time.dateTime));
  });

  // ---- sections: only what differs is replaced, so that focus, selection and open details stay
  const patch = (from, to) => {
    const old = [...from.childNodes];
    const fresh = [...to.childNodes];
    fresh.forEach((node, i) => {
      const before = old[i];
      if (!before) {
        from.append(node);
      } else if (before.nodeType !== node.nodeType || before.nodeName !== node.nodeName) {
        before.replaceWith(node);
      } else if (node.nodeType !== Node.ELEMENT_NODE) {
        if (before.data !== node.data) before.data = node.data;
      } else if (!before.isEqualNode(node)) {
        for (const {name, value} of [...node.attributes]) if (before.getAttribute(name) !== value) before.setAttribute(name, value);
        for (const {name} of [...before.attributes]) if (name !== 'open' && !node.hasAttribute(name)) before.removeAttribute(name);
        patch(before, node);
      }
    });
    old.slice(fresh.length).forEach(node => node.remove());
  };
  const states = () => new Map([...document.querySelectorAll('.card')].map(card =>
    [card.querySelector('h3').textContent, card.querySelector('.pill')?.textContent]));
  const show = (id, html) => {
    const template = document.createElement('template');
    template.innerHTML = html;
    localise(template.content);
    const before = id === 'gateways' ? states() : null;
    patch($(id), template.content);
    if (id === 'status') title();
    if (before) {
      const changed = [...states()].filter(([name, state]) => before.has(name) && before.get(name) !== state);
      if (changed.length) $('announcement').textContent = changed.map(([name, state]) => `Gateway ${name}: ${state}`).join('. ');
    }
  };
  const live = (text, name) => {
    if ($('live').textContent !== text) $('live').textContent = text;
    $('live').className = 'live ' + name;
  };
  // the state in the title shows in a tab that is not looked at
  let lost = null;
  const title = () => {
    const state = lost ? 'No updates' : document.querySelector('#status .pill').textContent;
    document.title = (state === 'Ready' ? '' : state + ' · ') + document.querySelector('h1').textContent + ' · cloud-iot-routes';
  };
  const lose = since => {
    if (Boolean(since) === Boolean(lost)) return;
    lost = since;
    document.body.classList.toggle('stale', Boolean(lost));
    $('lost').hidden = !lost;
    $('lost').textContent = lost ? `No updates from the runtime since ${local(lost)}. Everything below is older.` : '';
    title();
  };
  let events;
  const listen = () => {
    events = new EventSource('/api/events');
    events.onopen = () => { live('Live', 'on'); lose(null); };
    events.onmessage = event => {
      live('Live', 'on');
      for (const [id, html] of Object.entries(JSON.parse(event.data))) if (sections.includes(id) && $(id)) show(id, html);
    };
    events.onerror = () => {
      live('Not connected, retrying', 'off');
      lose(lost ?? new Date());
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000); // refused: too many readers
    };
  };
  // a page in the background takes no place of another reader
  const visibility = () => {
    if (document.hidden) {
      events?.close();
      live('Paused', '');
    } else {
      if (!events || events.readyState === EventSource.CLOSED) listen();
      load();
    }
  };

  // ---- charts
  const steps = {'1h': '10s', '6h': '60s', '24h': '240s', '7d': '1800s'};
  const units = {
    percent: {scale: 100, text: v => (v < 10 && v % 1 ? v.toFixed(1) : Math.round(v)) + ' %', floor: 0},
    celsius: {scale: 1, text: v => v.toFixed(1) + ' °C'},
    'bytes/s': {scale: 1, text: v => bytes(v) + '/s', floor: 0},
  };
  const bytes = v => {
    const names = ['B', 'KB', 'MB', 'GB'];
    let i = 0;
    for (; v >= 1000 && i < names.length - 1; i++) v /= 1000;
    return (v >= 100 || i === 0 || v === Math.round(v) ? Math.round(v) : v.toFixed(1)) + ' ' + names[i];
  };
  const charts = [...document.querySelectorAll('.chart')].map(figure => ({figure, plot: null}));
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const range = () => document.querySelector('input[name=range]:checked').value;
  const within = (name, metric) => name === metric || name.startsWith(metric + '.');
  let retry;

  /** Points without a neighbour, which no line would show. */
  const isolated = (plot, i) => {
    const values = plot.data[i];
    return [...values.keys()].filter(k => values[k] != null && values[k - 1] == null && values[k + 1] == null);
  };
  /** Without a cursor, the legend shows the newest values. */
  const newest = plot => {
    if (plot.cursor.idx != null) return;
    const mean = plot.data[1] || [];
    let last = mean.length - 1;
    while (last > 0 && mean[last] == null) last--;
    if (last >= 0) plot.setLegend({idx: last}, false);
  };
  const draw = (chart, history) => {
    const {metric, unit} = chart.figure.dataset;
    const {scale, text, floor} = units[unit];
    const series = history.series.filter(s => within(s.name, metric))
      .filter(s => s.mean.some(v => v !== null)).slice(0, 6);
    const label = s => s.name.slice(metric.length + 1) || 'mean';
    const scaled = values => values.map(v => v === null ? null : v * scale);
    const now = s => s.mean.reduce((last, v) => v === null ? last : v * scale, null);
    const single = series.length === 1;
    const caption = chart.figure.querySelector('.now');
    const known = single ? name => series[0][name].filter(v => v !== null).map(v => v * scale) : null;
    // several series have their newest values in the legend, which screen readers do not see
    caption.className = single ? 'now' : 'now hidden';
    caption.textContent = !series.length ? 'no samples in this range'
      : single ? text(now(series[0])) : series.map(s => label(s) + ' ' + text(now(s))).join(', ');
    if (single) caption.textContent += ` (${text(Math.min(...known('min')))} to ${text(Math.max(...known('max')))})`;
    if (!series.length) caption.className = 'now';
    const data = [history.time, ...series.map(s => scaled(s.mean)), ...(single ? [scaled(series[0].min), scaled(series[0].max)] : [])];
    const key = series.map(s => s.name).join() + unit;
    if (chart.plot && chart.key === key) {
      chart.plot.setData(data);
      newest(chart.plot);
      return;
    }
    chart.plot?.destroy();
    chart.key = key;
    const value = (u, v) => v == null ? '–' : text(v);
    const axis = {stroke: style('--soft'), grid: {stroke: style('--line'), width: 1}, ticks: {show: false}, font: '11px system-ui, sans-serif'};
    const box = chart.figure.querySelector('.plot');
    const faint = style('--series-1') + '30';
    chart.plot = new uPlot({
      width: box.clientWidth, height: 176,
      cursor: {sync: {key: 'charts'}, drag: {x: false, y: false}, points: {size: 6}},
      legend: {live: true, markers: {fill: (u, i) => u.series[i].stroke(u, i)}},
      hooks: {setCursor: [u => { if (u.cursor.idx == null) newest(u); }]},
      scales: {y: {range: (u, min, max) => {
        if (min == null) return [0, 1];
        const low = floor ?? Math.min(min, max - 5);
        return [low, max > low ? max + (max - low) * .08 : low + 1];
      }}},
      axes: [{...axis, space: 60, values: [
        [86400, '{MM}-{DD}', null, null, null, null, null, null, 0],
        [3600, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
        [60, '{HH}:{mm}', null, null, '\n{MM}-{DD}', null, null, null, 1],
        [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]]},
        {...axis, size: 62, values: (u, ticks) => ticks.map(text)}],
      series: [{label: 'at', value: (u, v) => v == null ? '–' : local(new Date(v * 1000))},
        ...series.map((s, i) => ({label: label(s), stroke: style('--series-' + (i + 1)), width: 1.5, value, points: {show: false, size: 5, filter: isolated}, spanGaps: false})),
        ...(single ? [{label: 'min', value, points: {show: false}, stroke: 'transparent', class: 'band'}, {label: 'max', value, points: {show: false}, stroke: 'transparent', class: 'band'}] : [])],
      bands: single ? [{series: [3, 2], fill: faint}] : [],
    }, data, box);
    newest(chart.plot);
  };

  // uPlot is loaded after the first paint, from where this script came
  const beside = document.currentScript.src;
  const append = (name, properties) => new Promise((resolve, reject) =>
    document.head.append(Object.assign(document.createElement(name), properties, {onload: resolve, onerror: reject})));
  let plotting;
  const library = () => plotting ??= Promise.all([
    append('link', {rel: 'stylesheet', href: beside.replace('page.js', 'uplot.css')}),
    append('script', {src: beside.replace('page.js', 'uplot.js')})
  ]).catch(() => { plotting = null; throw new Error('the charts cannot be loaded'); });

  let loading = false;
  const load = async () => {
    clearTimeout(retry);
    if (document.hidden || loading || !charts.length) return;
    loading = true;
    const chosen = range();
    const query = charts.map(c => 'metric=' + encodeURIComponent(c.figure.dataset.metric)).join('&');
    let wait = Math.max(10, parseInt(steps[chosen], 10) / 2);
    try {
      const response = await fetch(`/api/history?${query}&from=-${chosen}&step=${steps[chosen]}`);
      const body = await response.json().catch(() => ({error: 'HTTP status ' + response.status}));
      if (!response.ok) throw new Error(body.error);
      await library();
      $('history-error').hidden = true;
      if (chosen === range()) charts.forEach(chart => draw(chart, body));
    } catch (error) {
      const text = 'History is unavailable: ' + error.message;
      if ($('history-error').textContent !== text) $('history-error').textContent = text; // announced once
      $('history-error').hidden = false;
      wait = 5;
    }
    loading = false;
    if (chosen !== range()) load();
    else retry = setTimeout(load, wait * 1000);
  };
  const resize = new ResizeObserver(() => charts.forEach(({plot, figure}) => {
    const box = figure.querySelector('.plot');
    if (plot && box.clientWidth !== plot.width) plot.setSize({width: box.clientWidth, height: plot.height});
  }));
  charts.forEach(({figure}) => resize.observe(figure));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    charts.forEach(chart => chart.key = null);
    load();
  });
  try {
    const kept = localStorage.getItem('range');
    if (kept in steps) document.querySelector(`input[value="${kept}"]`).checked = true;
  } catch { /* no storage: the default */ }
  if ($('ranges')) $('ranges').hidden = false;
  $('ranges')?.addEventListener('change', () => {
    try { localStorage.setItem('range', range()); } catch { /* not kept */ }
    load();
  });

  localise(document);
  title();
  document.addEventListener('visibilitychange', visibility);
  requestAnimationFrame(() => setTimeout(visibility));
})();
