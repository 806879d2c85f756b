/* The index of councils: search, sort, comparison. The tables are whole without it. Reads councils.js beside the page. */
(function () {
  'use strict';
  var data = window.COUNCILS, MOST_NAMED = 8;

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
      if (!words || !shown || shown > MOST_NAMED) { return; }
      // The tables lie far below: the few that fit are here as well.
      document.querySelectorAll('#councils-now tbody tr:not([hidden]) th a, #councils-past tbody tr:not([hidden]) th a').forEach(function (a, at) {
        status.append(at ? ', ' : ': ', a.cloneNode(true));
      });
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
      button.append.apply(button, head.childNodes);
      head.replaceChildren(button);
      button.addEventListener('click', function () {
        var descending = head.getAttribute('aria-sort') === 'ascending' ||
          (head.classList.contains('number') && head.getAttribute('aria-sort') === null);
        heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        var rows = Array.from(body.rows);
        var key = function (row) {
          var dated = row.cells[column].querySelector('time');
        var text = dated ? dated.dateTime : row.cells[column].textContent.trim();
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

  /* Compare two to four, or one with the median of a set of councils. */
  var place = document.getElementById('comparison');
  if (!place || !data) { return; }
  var byId = {};
  data.councils.forEach(function (c) { byId[c.id] = c; });
  var formats = {
    percent: function (v) { return (v * 100).toFixed(1) + '%'; },
    pounds: function (v) { return '£' + v.toFixed(2); },
    // The smallest council's is some thousands.
    millions: function (v) { return Math.abs(v) < 1e5 ? '£' + Math.round(v / 1e3) + ' thousand' : '£' + (v / 1e6).toLocaleString('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 }) + ' million'; },
    number: function (v) { return String(v); },
    decimal: function (v) { return v.toFixed(1); },
  };
  var sets = {
    peers: ['its nearest statistical neighbours', function (c) { return c.peers.map(function (at) { return data.councils[at]; }); }, 'its nearest neighbours (median)'],
    region: ['councils of its region', function (c) { return inForce(c, 'region'); }, 'its region (median)'],
    class: ['councils of its class', function (c) { return inForce(c, 'class'); }, 'its class (median)'],
  };
  function inForce(c, key) {
    return data.councils.filter(function (other) { return other !== c && !other.ended && other[key] === c[key]; });
  }

  var picks = document.createElement('form');
  picks.className = 'picks';
  function choice(id, words, first) {
    var label = document.createElement('label'), select = document.createElement('select'), box = document.createElement('div');
    label.textContent = words;
    select.id = id;
    label.htmlFor = id;
    select.add(new Option(first, ''));
    box.append(label, select);
    picks.appendChild(box);
    select.addEventListener('change', draw);
    return select;
  }
  function council(words, n) {
    var select = choice('compare-' + (n + 1), words, 'Choose a council');
    data.councils.forEach(function (c) { select.add(new Option(c.ended ? c.name + ' (ended ' + c.ended.slice(0, 4) + ')' : c.name, c.id)); });
    return select;
  }
  var selects = [council('First council', 0)];
  var beside = choice('compare-set', 'Beside', 'councils of your choice');
  Object.keys(sets).forEach(function (key) { beside.add(new Option(sets[key][2], key)); });
  ['Second council', 'Third (if you like)', 'Fourth (if you like)'].forEach(function (words, n) { selects.push(council(words, n + 1)); });
  var result = document.createElement('div');
  result.setAttribute('aria-live', 'polite');
  place.replaceChildren(picks, result);

  function cell(tag, text, scope) {
    var made = document.createElement(tag);
    // A financial year does not break at its hyphen.
    text.split(/(\d{4}-\d\d)/).forEach(function (part, at) {
      if (at % 2 === 0) { made.append(part); return; }
      var year = document.createElement('span');
      year.className = 'year';
      year.textContent = part;
      made.appendChild(year);
    });
    if (scope) { made.scope = scope; }
    return made;
  }

  function linked(c) {
    var a = cell('a', c.name);
    a.href = c.id + '.html';
    return a;
  }

  /* A figure; where there is none, a way to the reason, which the council's page has. */
  function figure(value, format, whose, measure) {
    var td = cell('td', '');
    td.className = 'number';
    if (value === null || value === undefined) {
      var reason = data.reasons[whose.why[measure]], why = cell('a', reason[0]);
      why.href = whose.id + '.html#data-notes';
      why.title = reason[1];
      why.setAttribute('aria-label', 'no figure: ' + reason[0]);
      td.appendChild(why);
    } else { td.textContent = typeof value === 'string' ? value : formats[format](value); }
    return td;
  }

  function tabled(words, heads) {
    var table = document.createElement('table'), head, scroll = document.createElement('div');
    table.appendChild(cell('caption', words));
    head = table.createTHead().insertRow();
    heads.forEach(function (text, at) {
      var th = typeof text === 'string' ? cell('th', text, 'col') : cell('th', '', 'col');
      if (typeof text !== 'string') { th.append(text); }
      if (at) { th.className = 'number'; }
      head.appendChild(th);
    });
    scroll.className = 'table-scroll';
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', words);
    scroll.appendChild(table);
    result.appendChild(scroll);
    return table.createTBody();
  }

  function headed(body, head) {
    var row = body.insertRow(), words = typeof head === 'string', th = cell('th', words ? head : '', 'row');
    if (!words) { th.append(head); }
    row.appendChild(th);
    return row;
  }

  function sideBySide(chosen) {
    var body = tabled('Councils side by side. Shares are of long-term support (basis C); words in place of a figure lead to the reason.', ['Measure'].concat(chosen.map(linked), ['England']));
    data.measures.forEach(function (measure) {
      var row = headed(body, measure[1]);
      chosen.forEach(function (c) { row.appendChild(figure(c.figures[measure[0]], measure[2], c, measure[0])); });
      row.appendChild(figure(data.england[measure[0]], measure[2]));
    });
  }

  function median(values) {
    var half = values.length / 2;
    return values.length % 2 ? values[Math.floor(half)] : (values[half - 1] + values[half]) / 2;
  }

  function besideSet(one, key) {
    var others = sets[key][1](one);
    if (!others.length) {
      result.appendChild(cell('p', one.name + ' has no such councils beside it: choose another set.'));
      return;
    }
    var body = tabled(one.name + ' and the median of ' + sets[key][0] + '. Words in place of a figure lead to the reason.', ['Measure', linked(one), 'Median', 'Lowest', 'Highest', 'Of councils', 'England']);
    data.measures.forEach(function (measure) {
      // The set's own medians and places say nothing of it.
      if (measure[0] === 'peers' || measure[0] === 'rank') { return; }
      var held = others.map(function (c) { return c.figures[measure[0]]; }).filter(function (v) { return v !== null && v !== undefined; });
      held.sort(function (a, b) { return a - b; });
      var row = headed(body, measure[1]);
      row.appendChild(figure(one.figures[measure[0]], measure[2], one, measure[0]));
      [median(held), held[0], held[held.length - 1]].forEach(function (v) { row.appendChild(figure(held.length ? v : 'none has a figure', measure[2])); });
      row.appendChild(figure(held.length, 'number'));
      row.appendChild(figure(data.england[measure[0]], measure[2]));
    });
    result.appendChild(cell('p', 'A median is of the councils of the set that have a figure, flagged figures among them. Median, lowest and highest leave ' + one.name + ' out; the table below marks it as the council compared.'));
    var shown = ['people', 'share-c'].map(function (id) { return data.measures.find(function (m) { return m[0] === id; }); });
    var list = tabled('The councils of the set, by the share of people', ['Council'].concat(shown.map(function (m) { return m[1]; })));
    [one].concat(others).sort(function (a, b) { return (b.figures.people || -1) - (a.figures.people || -1); }).forEach(function (c) {
      var row = headed(list, linked(c));
      if (c === one) { row.className = 'own'; row.cells[0].append(' (the council compared)'); }
      shown.forEach(function (m) { row.appendChild(figure(c.figures[m[0]], m[2], c, m[0])); });
    });
  }

  function draw() {
    var chosen = [], key = beside.value;
    selects.forEach(function (s, n) {
      s.parentElement.hidden = Boolean(key) && n > 0;
      if (s.value && (!key || !n) && chosen.indexOf(byId[s.value]) < 0) { chosen.push(byId[s.value]); }
    });
    var ids = chosen.map(function (c) { return c.id; }).join(',');
    window.history.replaceState(null, '', window.location.pathname + (ids ? '#compare=' + ids + (key ? '&set=' + key : '') : '#compare'));
    result.replaceChildren();
    if (key && chosen.length) { besideSet(chosen[0], key); } else if (chosen.length > 1) { sideBySide(chosen); } else {
      result.appendChild(cell('p', chosen.length ? 'Choose another council to compare with ' + chosen[0].name + '.' : ''));
    }
    chosen.forEach(function (c) {
      if (c.figures.carers === 1) {
        result.appendChild(cell('p', c.name + ': all of its carers are counted with a direct payment, which may be how the council records them.'));
      }
      if (c.notes.length) { result.appendChild(cell('p', c.name + ': ' + c.notes.join('; ') + '.')); }
    });
  }

  // From a council's page the ids come as a query, since a link's anchor has to be there without scripts.
  var named = new URLSearchParams(window.location.hash.indexOf('#compare=') === 0 ? window.location.hash.slice(1) : window.location.search);
  if (named.get('compare')) {
    named.get('compare').split(',').slice(0, 4).forEach(function (id, n) { if (byId[id]) { selects[n].value = id; } });
    if (sets[named.get('set')]) { beside.value = named.get('set'); }
    draw();
    place.scrollIntoView();
  }
})();
