/* A chart drawn into a page, as a file to take away: SVG to edit, PNG to paste, each with title, source and address.
   The browser makes them from the drawing; no other host is asked. Without scripts the chart and its CSV are there. */
(function () {
  'use strict';
  var SVG = 'http://www.w3.org/2000/svg', MARGIN = 16;
  var pen = document.createElement('canvas').getContext('2d');

  function made(name, attributes) {
    var element = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    return element;
  }

  /* Lines of `text` from `y` downwards, and where they end. */
  function lines(text, look, y, width, font) {
    var element = made('text', { 'font-family': font, 'font-size': look.size, 'font-weight': look.weight, fill: look.color });
    pen.font = look.weight + ' ' + look.size + 'px ' + font;
    var line = '', put = function () {
      y += look.size * 1.3;
      var span = made('tspan', { x: MARGIN, y: y.toFixed(1) });
      span.textContent = line;
      element.appendChild(span);
    };
    text.trim().split(/\s+/).forEach(function (word) {
      if (line && pen.measureText(line + ' ' + word).width > width) { put(); line = word; } else { line = line ? line + ' ' + word : word; }
    });
    put();
    return [element, y];
  }

  /* The drawing with its title above and its source below, white behind. */
  function alone(drawing, title, source) {
    var box = drawing.viewBox.baseVal, font = drawing.getAttribute('font-family') || 'sans-serif';
    var head = lines(title, { size: 17, weight: 'bold', color: '#1b1f24' }, MARGIN / 2, box.width, font);
    var top = head[1] + 14;
    var foot = lines(source, { size: 12, weight: 'normal', color: '#535d68' }, top + box.height, box.width, font);
    var wide = box.width + 2 * MARGIN, high = Math.ceil(foot[1] + MARGIN);
    var whole = made('svg', { width: wide, height: high, viewBox: '0 0 ' + wide + ' ' + high });
    var said = made('title', {}), inner = drawing.cloneNode(true);
    said.textContent = title;
    ['style', 'role', 'aria-labelledby'].forEach(function (name) { inner.removeAttribute(name); });
    [['x', MARGIN], ['y', top], ['width', box.width], ['height', box.height]].forEach(function (pair) { inner.setAttribute(pair[0], pair[1]); });
    whole.append(said, made('rect', { width: '100%', height: '100%', fill: 'white' }), head[0], inner, foot[0]);
    return { text: new XMLSerializer().serializeToString(whole), width: wide, height: high };
  }

  function save(blob, name) {
    var link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  function savePng(file, name) {
    var image = new Image(), canvas = document.createElement('canvas');
    canvas.width = file.width * 3;
    canvas.height = file.height * 3;
    image.onload = function () {
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { save(blob, name); }, 'image/png');
    };
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(file.text);
  }

  document.querySelectorAll('figure.quarto-float-fig').forEach(function (figure) {
    var drawing = figure.querySelector('.chart > svg[role=img]'), row = figure.querySelector(':scope > p.chart-data');
    if (!drawing || !row) { return; }
    var page = window.location.pathname.split('/').slice(-2).join('/'), label = figure.id.replace(/-figure$/, '');
    var name = page.split('/').pop().replace('.html', '') + '-' + label.replace(/^fig-/, '');
    var address = /^https?:$/.test(window.location.protocol) ? window.location.origin + window.location.pathname : page;
    var site = document.querySelector('.site-name'), maker = document.querySelector('meta[name=generator]');
    var file = function () {
      var from = (site ? site.textContent : '') + ', ' + address + '#' + figure.id + '. ' + (maker ? maker.content.replace(/^.*?(?=commissioning-evidence)/, '') : '') + '.';
      return alone(drawing, drawing.querySelector('title').textContent, figure.querySelector('figcaption').textContent.replace(/“What is missing or odd” says/g, 'the page says') + ' ' + from);
    };
    [['SVG', 'the chart, to edit', function () { save(new Blob([file().text], { type: 'image/svg+xml' }), name + '.svg'); }],
      ['PNG', 'the chart, to paste', function () { savePng(file(), name + '.png'); }]].forEach(function (kind) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = kind[0];
      button.setAttribute('aria-label', kind[0] + ': ' + kind[1]);
      button.addEventListener('click', kind[2]);
      row.append(' · ', button);
    });
  });
})();
