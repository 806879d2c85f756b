-- What Quarto does to a page and the briefs use, for the built-in renderer only: content for one format,
-- callouts, numbered sections, figures and tables with captions, cross-references, links between pages.
-- Anything else of Quarto's is refused. The first quoted text of an error is what to look for in the page.

local PAGE_WIDTH = 447  -- points: A4 within the theme's margins

local LINE = 100        -- letters of a table's type that a line holds
local WHOLE = 18        -- a table of so many lines or fewer is not torn over two pages

local html = FORMAT:match('html') ~= nil
local stringify = pandoc.utils.stringify

local callouts = { note = 'Note', tip = 'Tip', important = 'Important', warning = 'Warning' }
local colours = { note = '#0b5c8a', tip = '#00694f', important = '#8a3b12', warning = '#8a5a00' }
local names = { fig = 'Figure', tbl = 'Table', sec = 'Section' }

-- Quarto's own classes and attributes that this renderer does not know.
local foreign_classes = {
  '^panel%-', '^column%-', '^column$', '^columns$', '^grid$', '^g%-col', '^content%-hidden$', '^aside$',
  '^callout', '^fragment$', '^incremental$', '^hidden$', '^quarto', '^landscape$', '^theorem', '^proof$',
}
local foreign_attributes = { '^layout', '^fig%-cap$', '^tbl%-cap$', '^unless%-', '^when%-' }

local function typst_string(text)
  return '"' .. text:gsub('[\\"]', '\\%0') .. '"'
end

local function raw(text)
  return pandoc.RawBlock(html and 'html' or 'typst', text)
end

local function rawinline(text)
  return pandoc.RawInline(html and 'html' or 'typst', text)
end

-- Content for one format --------------------------------------------------------------------------------

local function visible(div)
  if not div.classes:includes('content-visible') then return nil end
  local format = div.attributes['when-format']
  if format ~= 'html' and format ~= 'typst' then
    error("unknown format in '.content-visible': when-format must be html or typst", 0)
  end
  if (format == 'html') ~= html then return {} end
  return div.content
end

-- Callouts ----------------------------------------------------------------------------------------------

local function callout(div)
  local kind
  for _, class in ipairs(div.classes) do
    local name = class:match('^callout%-(.+)')
    if name then
      if not callouts[name] then error("unknown callout '.callout-" .. name .. "'", 0) end
      kind = name
    end
  end
  if not kind then return nil end
  for key in pairs(div.attributes) do
    if key ~= 'title' and key ~= 'collapse' then
      error("unknown callout attribute '" .. key .. "' (known: title, collapse)", 0)
    end
  end
  local body = div.content
  local title = pandoc.Inlines(callouts[kind])
  if div.attributes.title then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(div.attributes.title, 'markdown').blocks)
  elseif body[1] and body[1].t == 'Header' then
    title = body[1].content
    body:remove(1)
  end
  local out = pandoc.Blocks {}
  if html then
    local tag, head = 'aside', 'p'
    if div.attributes.collapse then tag, head = 'details', 'summary' end
    local open = div.attributes.collapse == 'false' and ' open' or ''
    -- Two landmarks of a page need two names: a note's is its title.
    local words = stringify(title):gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' })
    local name = tag == 'aside' and (' aria-label="%s"'):format(words) or ''
    local start = ('<%s class="callout callout-%s"%s%s>'):format(tag, kind, name, open)
    out:insert(raw(start .. ('<%s class="callout-title">'):format(head)))
    out:insert(pandoc.Plain(title))
    out:insert(raw(('</%s><div class="callout-body">'):format(head)))
    out:extend(body)
    out:insert(raw(('</div></%s>'):format(tag)))
  else
    out:insert(raw(('#callout(icon_color: rgb("%s"), title: ['):format(colours[kind])))
    out:insert(pandoc.Plain(title))
    out:insert(raw('], body: ['))
    out:extend(body)
    out:insert(raw('])'))
  end
  return out
end

-- Numbers -----------------------------------------------------------------------------------------------

local numbers = {}                    -- id -> '2' or '2.1'
local counts = { fig = 0, tbl = 0 }
local sections = {}
local number_sections = false
local top_level = html and 2 or 1     -- in Typst the reader has shifted `##` up to level one

local function number_header(header)
  if header.level < top_level or (html and header.level == 1) then
    error("heading of the first level '" .. stringify(header) .. "': the page's title is that; start at ##", 0)
  end
  if not number_sections or header.classes:includes('unnumbered') then
    if header.identifier:match('^sec%-') then numbers[header.identifier] = false end
    return nil
  end
  local depth = header.level - top_level + 1
  sections[depth] = (sections[depth] or 0) + 1
  for deeper = depth + 1, #sections do sections[deeper] = nil end
  for level = 1, depth do sections[level] = sections[level] or 0 end
  local number = table.concat(sections, '.')
  numbers[header.identifier] = number
  if html then
    header.content:insert(1, rawinline('<span class="header-section-number">' .. number .. '</span> '))
    return header
  end
end

local function number_float(id)
  local kind = id:match('^(%a+)%-')
  if numbers[id] then error("'" .. id .. "' labels two things", 0) end
  counts[kind] = counts[kind] + 1
  numbers[id] = tostring(counts[kind])
end

-- A table whose caption ends in {#tbl-x}, or with that as its own id, becomes the div that Quarto's other
-- spelling gives: the table, then its caption.
local function labelled_table(tbl)
  local caption = tbl.caption.long
  local id = tbl.identifier
  if id == '' then
    local last = caption[#caption] and caption[#caption].content
    local label = last and last[#last] and last[#last].t == 'Str' and last[#last].text:match('^{#(tbl%-[%w%-]+)}$')
    if not label then return nil end
    last:remove(#last)
    id = label
  end
  if not id:match('^tbl%-') then return nil end
  local words = pandoc.utils.blocks_to_inlines(caption)
  tbl.identifier, tbl.caption = '', { long = {} }
  return pandoc.Div({ tbl, pandoc.Para(words) }, pandoc.Attr(id)), false
end

-- Figures and tables ------------------------------------------------------------------------------------

-- For Typst the renderer has drawn each chart as PDF too. For the web brief.lua puts the chart into the page.
local function chart(image)
  if html then
    image.classes:insert('chart')
    return pandoc.Para { image }
  end
  local stream = assert(io.open(image.src, 'r'))
  local width = tonumber(stream:read('a'):match('<svg[^>]- width="([%d.]+)'))
  stream:close()
  -- Somewhat smaller than Quarto has it: its text is then as large as a table's, and fewer pages end half empty
  -- before a figure that must stay whole.
  local points = width and width * 0.62
  local file = pandoc.path.make_relative(image.src, pandoc.system.get_working_directory())
  return raw(('#image(%s, width: %s, alt: %s)'):format(
    typst_string((file:gsub('%.svg$', '.pdf'))),
    points and points < PAGE_WIDTH and ('%.0fpt'):format(points) or '100%',
    typst_string(image.attributes['fig-alt'] or '')))
end

local function is_chart(block)
  return (block.t == 'Para' or block.t == 'Plain') and #block.content == 1 and block.content[1].t == 'Image'
    and block.content[1].src:match('%.svg$')
end

-- About how many lines a table takes on paper: a row has as many as its longest cell.
local function printed_lines(tbl)
  local widths = {}
  for place, column in ipairs(tbl.colspecs) do
    widths[place] = math.max(4, LINE * (type(column[2]) == 'number' and column[2] or 1 / #tbl.colspecs))
  end
  local lines = 1
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do
      local most = 1
      for place, cell in ipairs(row.cells) do
        most = math.max(most, math.ceil(#stringify(cell.contents) / (widths[place] or LINE)))
      end
      lines = lines + most
    end
  end
  return lines
end

local function float(div)
  local kind = div.identifier:match('^(%a+)%-')
  if kind ~= 'fig' and kind ~= 'tbl' then return nil end
  local id = div.identifier
  local caption = div.content[#div.content]
  if #div.content < 2 or caption.t ~= 'Para' then
    error("'" .. id .. "' needs a caption: a last paragraph", 0)
  end
  if kind == 'fig' and not is_chart(div.content[1]) then
    error("'" .. id .. "' holds something that is not a figure", 0)
  end
  local content = pandoc.Blocks {}
  for i = 1, #div.content - 1 do
    local block = div.content[i]
    if block.t == 'Table' then block.attr.attributes['aria-labelledby'] = id .. '-caption' end
    content:insert(is_chart(block) and chart(block.content[1]) or block)
  end
  local out = pandoc.Blocks {}
  if html then
    local label = pandoc.Inlines {
      pandoc.Span({ pandoc.Str(names[kind] .. '\u{a0}' .. numbers[id] .. ':') }, pandoc.Attr('', { 'float-label' })),
      pandoc.Space()
    }
    label:extend(caption.content)
    local legend = pandoc.Blocks {
      raw(('<figcaption id="%s-caption" class="quarto-float-caption">'):format(id)),
      pandoc.Plain(label), raw('</figcaption>')
    }
    out:insert(raw(('<figure id="%s" class="quarto-float quarto-float-%s">'):format(id, kind)))
    out:extend(legend)
    if kind == 'tbl' then
      out:insert(raw(('<div class="table-scroll" role="region" tabindex="0" aria-labelledby="%s-caption">'):format(id)))
      out:extend(content)
      out:insert(raw('</div>'))
    else
      out:extend(content)
    end
    out:insert(raw('</figure>'))
  else
    local table = kind == 'tbl' and content[1].t == 'Table' and content[1]
    local whole = table and printed_lines(table) <= WHOLE
    if whole then out:insert(raw('#block(breakable: false, width: 100%)[')) elseif table then out:insert(raw('#room')) end
    out:insert(raw('#figure(['))
    out:extend(content)
    out:insert(raw('], caption: figure.caption(position: top, ['))
    out:insert(pandoc.Plain(caption.content))
    out:insert(raw(('], separator: ": "), kind: "quarto-float-%s", supplement: "%s", numbering: "1") <%s>')
      :format(kind, names[kind], id)))
    if whole then out:insert(raw(']')) end
  end
  return out, false
end

-- References and links ----------------------------------------------------------------------------------

local function reference(cite)
  local citation = cite.citations[1]
  local id = citation.id
  local kind = id:match('^(%a+)%-')
  if not names[kind] then
    error("'@" .. id .. "' is neither a figure, a table nor a section (bibliographies are not supported)", 0)
  end
  if #cite.citations > 1 or citation.mode ~= 'AuthorInText' then
    error("'@" .. id .. "' must be written bare, without brackets", 0)
  end
  if numbers[id] == false then
    error("'@" .. id .. "' refers to a section without a number: set number-sections: true", 0)
  end
  if not numbers[id] then error("unknown cross-reference '@" .. id .. "'", 0) end
  if not html then return rawinline(('#ref(<%s>, supplement: [%s])'):format(id, names[kind])) end
  return pandoc.Link({ pandoc.Str(names[kind] .. '\u{a0}' .. numbers[id]) }, '#' .. id, '',
    pandoc.Attr('', { 'quarto-xref' }))
end

local page_folder = '.'

local function link(el)
  local page, anchor = el.target:match('^([^:#]+)%.qmd(#?.*)$')
  if not page then return nil end
  local source = pandoc.path.join { page_folder, page .. '.qmd' }
  local stream = io.open(source, 'r')
  if not stream then error("link to a page that is not there: '" .. el.target .. "'", 0) end
  stream:close()
  if not html then return el.content end
  el.target = page .. '.html' .. anchor
  return el
end

-- Refusals ----------------------------------------------------------------------------------------------

local function refuse(element)
  for _, class in ipairs(element.classes) do
    for _, pattern in ipairs(foreign_classes) do
      if class:match(pattern) then error("'." .. class .. "' is a Quarto feature that is not supported", 0) end
    end
  end
  for key in pairs(element.attributes) do
    for _, pattern in ipairs(foreign_attributes) do
      if key:match(pattern) then error("'" .. key .. "' is a Quarto feature that is not supported", 0) end
    end
  end
end

local function refuse_image(image)
  if image.classes:includes('chart') then return nil end
  error("'" .. image.src .. "': an image that no figure() of a cell made is not supported", 0)
end

-- Browsers share out a table's width better than the dashes of its Markdown do.
local function free_widths(tbl)
  if not html then return nil end
  for _, column in ipairs(tbl.colspecs) do column[2] = nil end
  tbl.colspecs = tbl.colspecs
  return tbl
end

-- A table outside a float gets the scroll container too, named by the heading above it; one in a float is wrapped
-- already and named by its caption.
local heading
local function bare_table(tbl)
  if not html then return nil end
  local name = heading and ('aria-labelledby="%s"'):format(heading) or 'aria-label="Table"'
  return { raw(('<div class="table-scroll" role="group" tabindex="0" %s>'):format(name)), tbl, raw('</div>') }, false
end

local function meta_text(meta)
  number_sections = meta['number-sections'] == true
  if meta['page-folder'] then page_folder = stringify(meta['page-folder']) end
  if html then
    local description = meta.description or meta.subtitle
    if description then meta['description-text'] = pandoc.MetaString(stringify(description)) end
  elseif number_sections then
    meta['section-numbering'] = pandoc.MetaString('1.1.a')
  end
  return meta
end

function Pandoc(doc)
  doc.meta = meta_text(doc.meta)
  local blocks = doc.blocks:walk { traverse = 'topdown', Div = visible }
  -- Callouts innermost first, so that one inside another is seen.
  blocks = blocks:walk { Div = callout }
  blocks:walk { Div = refuse, Span = refuse }
  blocks = blocks:walk { Header = number_header }
  blocks = blocks:walk { Table = free_widths }
  blocks = blocks:walk { Table = labelled_table }
  blocks:walk {
    traverse = 'topdown',
    Div = function(div) if div.identifier:match('^fig%-') or div.identifier:match('^tbl%-') then number_float(div.identifier) end end
  }
  blocks = blocks:walk {
    traverse = 'topdown',
    Header = function(header) heading = header.identifier end,
    Div = function(div) return float(div) end,
    Table = bare_table,
  }
  blocks = blocks:walk { Cite = reference, Link = link, Image = refuse_image }
  doc.blocks = blocks
  return doc
end
