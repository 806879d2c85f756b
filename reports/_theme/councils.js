/* The index of councils: search, sort, comparison. The tables are whole without it. Reads councils.js beside the page. */
(function () {
  'use strict';
  var data = window.COUNCILS;

  function plain(text) {
    return text.toLowerCase().replace(/&/g, 'and').replace(/[^a-z0-9]+/g, ' ').trim();
  }

  /* Search: hides rows of both tables that do not fit, and dims the map's other councils. */
  var finder = document.querySelector('.finder');
  if (finder && data) {
    var input = finder.querySelector('input'), status = finder.querySelector('p');
    var show = function (fits, words) {
      var shown = 0;
      document.querySelectorAll('#councils-now tbody tr, #councils-past tbody tr').forEach(function (row) {
        row.hidden = !fits(row.querySelector('a').getAttribute('href'));
        if (!row.hidden) { shown += 1; }
      });
      document.querySelectorAll('.map a').forEach(function (area) {
        area.classList.toggle('dim', !fits(area.getAttribute('href')));
      });
      status.textContent = words ? shown + (shown === 1 ? ' council fits' : ' councils fit') : '';
    };
    var filter = function (then) {
      var sought = input.value;
      if (!plain(sought)) { show(function () { return true; }, ''); return; }
      window.SITE_SEARCH.councils(sought, function (pages, one) {
        if (input.value !== sought) { return; }  // typed on meanwhile
        show(function (page) { return pages.indexOf('councils/' + page) >= 0; }, sought);
        if (then) { then(one); }
      });
    };
    finder.hidden = false;
    input.addEventListener('input', function () { filter(); });
    input.addEventListener('keydown', function (event) {
      if (event.key !== 'Enter') { return; }
      filter(function (one) { if (one) { window.location.href = one.replace('councils/', ''); } });
    });
    input.value = new URLSearchParams(window.location.search).get('q') || '';
    filter();
  }

  /* Sort: each heading becomes a button. */
  document.querySelectorAll('#councils-now, #councils-past').forEach(function (table) {
    var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', function () {
        var descending = head.getAttribute('aria-sort') === 'ascending' ||
          (head.classList.contains('number') && head.getAttribute('aria-sort') === null);
        heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        var rows = Array.from(body.rows);
        var key = function (row) {
          var text = row.cells[column].textContent.trim();
          if (!head.classList.contains('number')) { return text; }
          var number = parseFloat(text.replace('−', '-').replace(/[£,%]/g, ''));
          return isNaN(number) ? null : number;
        };
        rows.sort(function (a, b) {
          var x = key(a), y = key(b);
          if (x === null || y === null) { return (x === null) - (y === null); }  // without a figure: last
          var order = typeof x === 'number' ? x - y : x.localeCompare(y, 'en');
          return descending ? -order : order;
        });
        body.append.apply(body, rows);
      });
    });
  });

  /* Compare two to four. */
  var place = document.getElementById('comparison');
  if (!place || !data) { return; }
  var byId = {};
  data.councils.forEach(function (c) { byId[c.id] = c; });
  var formats = {
    percent: function (v) { return (v * 100).toFixed(1) + '%'; },
    pounds: function (v) { return '£' + v.toFixed(2); },
    millions: function (v) { return '£' + (v / 1e6).toLocaleString('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 }) + ' million'; },
    number: function (v) { return String(v); },
    decimal: function (v) { return v.toFixed(1); },
  };
  var picks = document.createElement('form');
  picks.className = 'picks';
  var selects = [0, 1, 2, 3].map(function (n) {
    var label = document.createElement('label'), select = document.createElement('select');
    label.textContent = ['First council', 'Second council', 'Third (if you like)', 'Fourth (if you like)'][n];
    select.id = 'compare-' + (n + 1);
    label.htmlFor = select.id;
    select.add(new Option('Choose a council', ''));
    data.councils.forEach(function (c) { select.add(new Option(c.ended ? c.name + ' (ended ' + c.ended.slice(0, 4) + ')' : c.name, c.id)); });
    var box = document.createElement('div');
    box.append(label, select);
    picks.appendChild(box);
    select.addEventListener('change', draw);
    return select;
  });
  var result = document.createElement('div');
  result.setAttribute('aria-live', 'polite');
  place.replaceChildren(picks, result);

  function cell(tag, text, scope) {
    var made = document.createElement(tag);
    made.textContent = text;
    if (scope) { made.scope = scope; }
    return made;
  }

  function draw() {
    var chosen = [];
    selects.forEach(function (s) { if (s.value && chosen.indexOf(byId[s.value]) < 0) { chosen.push(byId[s.value]); } });
    window.history.replaceState(null, '', chosen.length ? '#compare=' + chosen.map(function (c) { return c.id; }).join(',') : '#compare');
    if (chosen.length < 2) {
      result.replaceChildren(cell('p', chosen.length ? 'Choose another council to compare with ' + chosen[0].name + '.' : ''));
      return;
    }
    var table = document.createElement('table');
    table.appendChild(cell('caption', 'Councils side by side. Shares are of long-term support (basis C); “no figure” leads to the reason.'));
    var head = table.createTHead().insertRow();
    head.appendChild(cell('th', 'Measure', 'col'));
    chosen.forEach(function (c) {
      var th = cell('th', '', 'col'), a = cell('a', c.name);
      a.href = c.id + '.html';
      th.appendChild(a);
      th.className = 'number';
      head.appendChild(th);
    });
    var england = cell('th', 'England', 'col');
    england.className = 'number';
    head.appendChild(england);
    var body = table.createTBody();
    data.measures.forEach(function (measure) {
      var row = body.insertRow();
      row.appendChild(cell('th', measure[1], 'row'));
      chosen.map(function (c) { return c.figures[measure[0]]; }).concat([data.england[measure[0]]]).forEach(function (value, at) {
        var td = cell('td', '');
        if (value === null || value === undefined) {
          // Why, is said on the council's page.
          var why = cell('a', 'no figure');
          why.href = chosen[at].id + '.html#data-notes';
          td.replaceChildren(why);
        } else { td.textContent = typeof value === 'string' ? value : formats[measure[2]](value); }
        td.className = 'number';
        row.appendChild(td);
      });
    });
    var scroll = document.createElement('div');
    scroll.className = 'table-scroll';
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', 'Councils side by side');
    scroll.appendChild(table);
    result.replaceChildren(scroll);
    chosen.forEach(function (c) {
      if (c.notes.length) { result.appendChild(cell('p', c.name + ': ' + c.notes.join('; ') + '.')); }
    });
  }

  // From a council's page the ids come as a query, since a link's anchor has to be there without scripts.
  var named = /^#compare=(.+)$/.exec(window.location.hash);
  var ids = named ? named[1] : new URLSearchParams(window.location.search).get('compare');
  if (ids) {
    ids.split(',').slice(0, 4).forEach(function (id, n) { if (byId[id]) { selects[n].value = id; } });
    draw();
    place.scrollIntoView();
  }
})();
