/* Search across the site. The index is a script and not JSON: a page opened from disk may not fetch a file. It is
   loaded when a search box is first used. Without scripts the boxes lead to a page that lists what there is. */
(function () {
  'use strict';
  var root = document.currentScript.getAttribute('data-root') || '';
  var waiting = null;

  function withIndex(use) {
    if (window.SITE_INDEX) { use(window.SITE_INDEX); return; }
    if (waiting) { waiting.push(use); return; }
    waiting = [use];
    var script = document.createElement('script');
    script.src = root + 'search-index.js';
    script.onload = function () { waiting.forEach(function (f) { f(window.SITE_INDEX); }); };
    document.head.appendChild(script);
  }

  function plain(text) {
    return text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/&/g, 'and').replace(/[^a-z0-9]+/g, ' ').trim();
  }

  var MOST = 0.5;
  var LITTLE = ' a an and are at by for from have has how i in is it of on or the their to what where which who with ';
  var ready = null;

  /* The index turned round: for each word, the entries with it in their text and in their title. */
  function turned(index) {
    if (ready) { return ready; }
    var text = new Map(), title = new Map(), vocabulary = index.words.split(' ');
    function note(map, word, at) { var list = map.get(word); if (list) { list.push(at); } else { map.set(word, [at]); } }
    index.entries.forEach(function (entry, at) {
      plain(entry[0]).split(' ').forEach(function (word) { note(title, word, at); });
      entry[4].forEach(function (number) { note(text, vocabulary[number], at); });
    });
    ready = { text: text, title: title, all: Array.from(new Set(vocabulary.concat(Array.from(title.keys())))) };
    return ready;
  }

  /* How many slips two words are apart (a letter too many, missing, wrong, or two changed about), up to `most`; else Infinity. */
  function slipsApart(a, b, most) {
    if (Math.abs(a.length - b.length) > most) { return Infinity; }
    var before, last = [], row = [], i, j;
    for (j = 0; j <= b.length; j++) { last[j] = j; }
    for (i = 1; i <= a.length; i++) {
      row = [i];
      var least = i;
      for (j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (before && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) { row[j] = Math.min(row[j], before[j - 2] + 1); }
        if (row[j] < least) { least = row[j]; }
      }
      if (least > most) { return Infinity; }
      before = last;
      last = row;
    }
    return last[b.length] <= most ? last[b.length] : Infinity;
  }

  /* For each entry with a word, or one that begins so, or, where there is none, one spelt nearly so: its worth. */
  function holding(index, word, forgiving) {
    var maps = turned(index), worth = new Map(), begins = [], slips = word.length > 7 ? 2 : word.length > 3 ? 1 : 0;
    maps.all.forEach(function (known) { if (known === word || (word.length > 1 && known.indexOf(word) === 0)) { begins.push([known, known === word ? 1 : 0.8]); } });
    if (!begins.length && slips && forgiving) {
      maps.all.forEach(function (known) {
        var apart = slipsApart(word, known, slips);
        if (apart <= slips) { begins.push([known, 0.6 - apart / 10]); }
      });
    }
    function note(list, value) { (list || []).forEach(function (at) { worth.set(at, Math.max(worth.get(at) || 0, value)); }); }
    begins.forEach(function (pair) {
      // What a council's page is found by are the council's other names.
      (maps.text.get(pair[0]) || []).forEach(function (at) { note([at], (index.entries[at][2] === 'Council' ? 8 : 2) * pair[1]); });
      note(maps.title.get(pair[0]), 10 * pair[1]);
    });
    return worth;
  }

  /* The query; as the name of a council without "City Council" and the like; and with words put in another way. */
  function versions(index, query) {
    var found = [[query, 1]], padded = ' ' + query + ' ';
    var called = query.split(' ').filter(function (word) { return index.council_words.indexOf(word) < 0; }).join(' ').replace(/^((of|the) )+/, '');
    if (called && called !== query) { found.push([called, 1, 'Council']); }
    index.synonyms.forEach(function (line) {
      var fits = line.filter(function (phrase) { return padded.indexOf(' ' + phrase + ' ') >= 0; });
      fits.sort(function (a, b) { return b.length - a.length; });
      if (!fits.length) { return; }
      line.forEach(function (other) {
        if (other !== fits[0]) { found.push([padded.replace(' ' + fits[0] + ' ', ' ' + other + ' ').trim(), 0.7]); }
      });
    });
    return found;
  }

  /* How much each word of a query tells: the fewer pages have it, the more; one that no page has, the mean. */
  function told(index, worths) {
    var of = worths.map(function (worth) { return worth.size ? Math.log(1 + index.entries.length / worth.size) : null; });
    var known = of.filter(function (value) { return value !== null; });
    var mean = known.reduce(function (a, b) { return a + b; }, 0) / (known.length || 1);
    return of.map(function (value) { return value === null ? mean : value; });
  }

  /* For each entry with most of the words, by what they tell, its worth, and which part of the words it has. */
  function holdingMost(index, words, forgiving, all) {
    var worths = words.map(function (word) { return holding(index, word, forgiving); });
    var tell = told(index, worths), whole = tell.reduce(function (a, b) { return a + b; }, 0), found = new Map();
    worths.forEach(function (worth, n) {
      worth.forEach(function (value, at) {
        var sum = found.get(at) || { value: 0, words: 0, told: 0 };
        found.set(at, { value: sum.value + value, words: sum.words + 1, told: sum.told + tell[n] });
      });
    });
    found.forEach(function (sum, at) {
      if (sum.words < words.length && (all || sum.told <= whole * MOST)) { found.delete(at); } else { sum.part = sum.words / words.length; }
    });
    return found;
  }

  /* Entries that hold the words of the query, or most of them, with their worth, best first: by how many of the words
     they have, where these are, then by kind. As the name of a council every word counts. */
  function weighed(index, query, kind) {
    query = plain(query);
    if (!query) { return []; }
    var best = new Map();
    versions(index, query).forEach(function (version) {
      var words = version[0].split(' ').filter(Boolean);
      var telling = words.filter(function (word) { return LITTLE.indexOf(' ' + word + ' ') < 0; });
      if (telling.length) { words = telling; }
      holdingMost(index, words, version[1] === 1, kind || version[0] !== query).forEach(function (sum, at) {
        var entry = index.entries[at], title = plain(entry[0]), value = sum.value;
        if ((kind && entry[2] !== kind) || (version[2] && entry[2] !== version[2])) { return; }
        if (title === version[0]) { value += 100; } else if (title.indexOf(version[0]) === 0) { value += 20; }
        else if ((' ' + title).indexOf(' ' + version[0]) >= 0) { value += 10; }
        var place = index.kinds.indexOf(entry[2]);
        value = value * version[1] / words.length + (place < 0 ? 0 : 3 - place / 2) - title.length / 200;
        var before = best.get(at);
        if (!before || before.part < sum.part || (before.part === sum.part && before.value < value)) { best.set(at, { value: value, part: sum.part }); }
      });
    });
    var found = Array.from(best.entries());
    found.sort(function (a, b) { return b[1].part - a[1].part || b[1].value - a[1].value || a[0] - b[0]; });
    return found.map(function (pair) { return [index.entries[pair[0]], pair[1].value, pair[1].part]; });
  }

  function find(index, query, kind, limit) {
    query = plain(query);
    var worth = weighed(index, query, kind), found = worth.filter(function (one) { return one[2] === 1; }).map(function (one) { return one[0]; });
    var most = worth.slice(found.length).map(function (one) { return one[0]; });
    // A council that is named beside other words is meant first.
    var padded = ' ' + query + ' ';
    var meant = kind ? [] : index.entries.filter(function (entry) {
      var name = plain(entry[0]);
      return entry[2] === 'Council' && name !== query && padded.indexOf(' ' + name + ' ') >= 0;
    });
    var notMeant = function (entry) { return meant.indexOf(entry) < 0; };
    found = found.filter(notMeant);
    most = most.filter(notMeant);
    // What explains comes first: three of these, three numbers (many share their words), the rest, and checks last.
    if (!kind && !/\d/.test(query)) {
      var numbers = found.filter(function (entry) { return entry[2] === 'Number'; });
      var checks = found.filter(function (entry) { return entry[2] === 'Data check'; });
      var others = found.filter(function (entry) { return entry[2] !== 'Number' && entry[2] !== 'Data check'; });
      found = others.slice(0, 3).concat(numbers.slice(0, 3), others.slice(3), numbers.slice(3), checks);
    }
    var all = meant.concat(found, most).slice(0, limit);
    all.whole = meant.length + found.length;
    return all;
  }

  /* The one page that a query clearly names, if there is one. */
  function named(index, query, kind) {
    var found = weighed(index, query, kind);
    return found.length === 1 || (found.length && found[0][1] - found[1][1] > 0.9) ? found[0][0] : null;
  }

  /* What is said of a question that no page answers as a whole. */
  function answer(index, query) {
    var padded = ' ' + plain(query) + ' ';
    return index.answers.filter(function (known) {
      return known.words.some(function (word) { return padded.indexOf(' ' + word + ' ') >= 0; });
    })[0];
  }

  function item(entry) {
    var li = document.createElement('li'), a = document.createElement('a'), kind = document.createElement('span');
    a.href = root + entry[1];
    a.textContent = entry[0];
    kind.textContent = entry[2];
    kind.className = 'kind';
    li.append(a, ' ', kind);
    return li;
  }

  /* A page found below a box: the focus stays in the box, which says which one is marked. */
  function option(entry, id) {
    var li = item(entry), a = li.querySelector('a');
    li.setAttribute('role', 'none');
    a.append(' ', li.querySelector('.kind'));
    a.id = id;
    a.tabIndex = -1;
    a.setAttribute('role', 'option');
    a.setAttribute('aria-selected', 'false');
    return li;
  }

  var boxes = 0;

  function attach(form) {
    var input = form.querySelector('input[type=search]');
    var kind = form.getAttribute('data-kind');
    var list = document.createElement('ul'), id = 'found-' + (boxes += 1), marked = -1;
    list.className = 'suggestions';
    list.id = id;
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', 'Pages found');
    form.appendChild(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', id);
    var status = document.createElement('p');
    status.className = 'visually-hidden';
    status.setAttribute('role', 'status');
    form.appendChild(status);

    function show() {
      withIndex(function (index) {
        var found = find(index, input.value, kind, 8), said = answer(index, input.value);
        var rows = (said ? [[said.text, said.page, '', '', []]] : []).concat(found);
        list.replaceChildren.apply(list, rows.map(function (entry, at) { return option(entry, id + '-' + at); }));
        open(rows.length > 0);
        status.textContent = plain(input.value) ? (said ? said.text + ' ' : '') + (found.length ? found.length + ' pages found' : 'Nothing found') : '';
      });
    }
    function open(is) {
      list.hidden = !is;
      input.setAttribute('aria-expanded', String(is));
      mark(-1);
    }
    function mark(at) {
      var links = list.querySelectorAll('a');
      if (marked >= 0 && links[marked]) { links[marked].setAttribute('aria-selected', 'false'); }
      marked = at;
      if (at < 0) { input.removeAttribute('aria-activedescendant'); return; }
      links[at].setAttribute('aria-selected', 'true');
      links[at].scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', links[at].id);
    }
    function close() { open(false); }
    input.addEventListener('focus', function () { withIndex(function () {}); });
    input.addEventListener('input', show);
    input.addEventListener('keydown', function (event) {
      var count = list.hidden ? 0 : list.querySelectorAll('a').length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape' && count) { event.preventDefault(); close(); }
      // From the box to the first or the last, and past either end back to the box.
      if (step && count) { event.preventDefault(); mark((marked + 1 + step + count + 1) % (count + 1) - 1); }
      if (event.key === 'Enter' && marked >= 0) { event.preventDefault(); list.querySelectorAll('a')[marked].click(); }
    });
    form.addEventListener('focusout', function (event) { if (!form.contains(event.relatedTarget)) { close(); } });
    form.addEventListener('submit', function (event) {
      if (!kind || !plain(input.value)) { return; }
      event.preventDefault();
      withIndex(function (index) {
        var one = named(index, input.value, kind), some = one || find(index, input.value, kind, 1).length;
        var page = one ? one[1] : (some ? 'councils/index.html' : 'search.html') + '?q=' + encodeURIComponent(input.value);
        window.location.href = root + page;
      });
    });
  }

  function results() {
    var list = document.getElementById('search-results');
    if (!list) { return; }
    var query = new URLSearchParams(window.location.search).get('q') || '';
    document.getElementById('search-words').value = query;
    if (!query) { return; }
    withIndex(function (index) {
      turned(index);
      performance.mark('search begins');
      var found = find(index, query, null, Infinity), said = answer(index, query), count = found.length;
      performance.measure('search', 'search begins');
      if (said) {
        var note = document.createElement('p'), more = document.createElement('a');
        more.href = root + said.page;
        more.textContent = 'Read more';
        note.className = 'search-answer';
        note.append(said.text + ' ', more);
        list.before(note);
      }
      list.replaceChildren.apply(list, found.slice(0, 60).map(function (entry) {
        var li = item(entry);
        if (entry[3]) {
          var about = document.createElement('p');
          about.textContent = entry[3];
          li.appendChild(about);
        }
        return li;
      }));
      var whole = count === found.whole ? '' : found.whole ? ', ' + found.whole + ' of them with every word' : ', none with every word';
      document.getElementById('search-status').textContent =
        count ? count + (count === 1 ? ' page or section found' : ' pages and sections found') + whole + (count > 60 ? ', the first 60 shown' : '') : said ? '' : 'Nothing found for “' + query + '”';
    });
  }

  // For the index of councils, which hides the rows of its tables that do not fit.
  window.SITE_SEARCH = {
    councils: function (query, use) {
      withIndex(function (index) {
        use(find(index, query, 'Council', Infinity).map(function (entry) { return entry[1]; }), (named(index, query, 'Council') || [])[1]);
      });
    },
  };

  document.querySelectorAll('form.search').forEach(function (form) {
    if (!document.getElementById('search-results') || form.closest('header')) { attach(form); }
  });
  results();
})();
