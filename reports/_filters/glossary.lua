-- Terms of the glossary: the first use of each on a page is a link to its entry, which says on hover and focus what
-- it means. Only terms of two words or more, since one alone (grant, route) is often an everyday word. On the
-- glossary's own page each term gets the anchor that these links lead to. On the web alone, and for the pages at the
-- top of the site: council and number pages explain their words in their tables.

local file = pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), '..', '..', 'docs', 'glossary.md' }

local function anchor(term) return 'term-' .. term:lower():gsub('%W+', '-') end

-- Each term, its words in small letters, and the first sentence of what it means. A global: where one Pandoc makes
-- many pages, they share what was read.
local function glossary()
  if terms then return terms end
  terms = {}
  local stream = io.open(file, 'r')
  if not stream then return terms end  -- a site of one's own may have none
  local doc = pandoc.read(stream:read('a'), 'markdown')
  stream:close()
  doc:walk { DefinitionList = function(list)
    for _, item in ipairs(list.content) do
      local term, meaning = pandoc.utils.stringify(item[1]), pandoc.utils.stringify(item[2][1])
      local words = {}
      for word in term:lower():gmatch('%S+') do table.insert(words, word) end
      if #words > 1 then
        table.insert(terms, { name = term, words = words, meaning = meaning:match('^.-%.%f[%s\0]') or meaning })
      end
    end
  end }
  -- A longer term is looked for first: "managed personal budget" holds "personal budget".
  table.sort(terms, function(a, b)
    if #a.words ~= #b.words then return #a.words > #b.words end
    return a.name < b.name
  end)
  return terms
end

local used, tips = {}, 0

-- How many inlines from `start` on are the term, and what follows its last word ("s", a comma); nil if they are not.
local function found(inlines, start, words)
  for place, word in ipairs(words) do
    local at = start + 2 * (place - 1)
    local inline = inlines[at]
    if not inline or inline.t ~= 'Str' then return nil end
    if place > 1 and inlines[at - 1].t ~= 'Space' and inlines[at - 1].t ~= 'SoftBreak' then return nil end
    local text = inline.text:lower()
    if place < #words then
      if text ~= word then return nil end
    else
      local plural, rest = text:match('^' .. word:gsub('%p', '%%%0') .. '(s?)(%p*)$')
      if not plural then return nil end
      return at, inline.text:sub(1, #word + #plural), rest
    end
  end
end

local function as_link(inlines, term, start, last, ending)
  tips = tips + 1
  local tip = 'term-tip-' .. tips
  local said = pandoc.Inlines {}
  for at = start, last - 1 do said:insert(inlines[at]) end
  said:insert(pandoc.Str(ending))
  return pandoc.Span({
    pandoc.Link(said, 'glossary.html#' .. anchor(term.name), '',
      pandoc.Attr('', { 'term-link' }, { { 'aria-describedby', tip } })),
    pandoc.Span({ pandoc.Str(term.meaning) }, pandoc.Attr(tip, { 'n-tip' }, { { 'role', 'tooltip' } })),
  }, pandoc.Attr('', { 'term' }))
end

local function explained(block)
  local inlines, made, at = block.content, pandoc.Inlines {}, 1
  while at <= #inlines do
    local hit
    for _, term in ipairs(inlines[at].t == 'Str' and glossary() or {}) do
      local last, ending, rest = found(inlines, at, term.words)
      if last then
        if not used[term.name] then
          used[term.name] = true
          made:insert(as_link(inlines, term, at, last, ending))
          if rest ~= '' then made:insert(pandoc.Str(rest)) end
        else
          for place = at, last do made:insert(inlines[place]) end
        end
        hit = last
        break
      end
    end
    if not hit then made:insert(inlines[at]) end
    at = (hit or at) + 1
  end
  block.content = made
  return block, false
end

local function left(block) return block, false end

local function Pandoc(doc)
  if not FORMAT:match('html') then return nil end
  local root = doc.meta['site-root'] and pandoc.utils.stringify(doc.meta['site-root'])
    or quarto and quarto.project.offset:gsub('^%.$', '') or ''
  if root ~= '' then return nil end
  used, tips = {}, 0
  if doc.meta.title and pandoc.utils.stringify(doc.meta.title) == 'Glossary' then
    doc.blocks = doc.blocks:walk { DefinitionList = function(list)
      for _, item in ipairs(list.content) do
        item[1] = { pandoc.Span(item[1], pandoc.Attr(anchor(pandoc.utils.stringify(item[1])))) }
      end
      return list
    end }
    return doc
  end
  doc.blocks = doc.blocks:walk {
    traverse = 'topdown',
    Para = explained, Plain = explained,
    Header = left, Table = left, Figure = left,
    Div = function(div)
      if div.classes:includes('sources') or div.classes:includes('cite') then return div, false end
    end,
  }
  return doc
end

return { { Pandoc = Pandoc } }
