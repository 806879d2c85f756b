-- The briefs' own blocks (finding, key-points, sources, cite) in Typst, where classes have no style; charts as
-- SVG in the web page; the colophon that says what rendered the page. Used by Quarto and by the built-in renderer.

-- class -> Typst function (`cite` is Typst's own)
local blocks = {
  finding = 'finding', ['key-points'] = 'key-points', sources = 'sources', cite = 'cite-block', drawn = 'drawn'
}

local function colophon()
  local text = os.getenv('COMMISSIONING_COLOPHON')
  if text then return text end
  return quarto and 'Rendered by Quarto ' .. table.concat(quarto.version, '.') or 'Rendered by Pandoc'
end

local function Div(div)
  if FORMAT ~= 'typst' then return nil end
  for class, name in pairs(blocks) do
    if div.classes:includes(class) then
      local content = pandoc.Blocks { pandoc.RawBlock('typst', '#' .. name .. '[') }
      -- A citation to copy is of use on a screen.
      content:extend(class == 'cite' and div.content:filter(function(b) return b.t ~= 'CodeBlock' end) or div.content)
      content:insert(pandoc.RawBlock('typst', ']'))
      return content
    end
  end
end

local function escape(text)
  return (text:gsub('[&<>"]', { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }))
end

-- The SVG file as an element of the page. The chart has one alternative text.
local function drawing(file, alt, class)
  local stream = assert(io.open(file, 'r'))
  local tag, rest = stream:read('a'):match('^.-(<svg.->)(.*)$')
  stream:close()
  local width = tonumber(tag:match(' width="([%d.]+)'))
  tag = tag:gsub(' width="[^"]*"', ''):gsub(' height="[^"]*"', ''):gsub(' class="[^"]*"', '')
  -- Charts grow a little to fill the column, but not so far that their text outgrows the page's.
  local style = width and (' style="max-width:%dpx"'):format(math.floor(width * 1.2)) or ''
  tag = tag:gsub('>$', function() return (' class="%s" role="img" aria-label="%s"%s>'):format(class, alt, style) end)
  return tag .. rest
end

-- A chart is drawn in the page itself, where it needs no other file and readers can select its words: once for
-- a wide window and once for a phone. The style sheet shows one of the two.
local function chart(image)
  local alt = escape(image.attributes['fig-alt'] or '')
  local wide = drawing(image.src, alt, 'wide')
  local phone = drawing(image.src:gsub('/charts/', '/phones/'), alt, 'phone')
  return pandoc.RawBlock('html', '<div class="chart">' .. wide .. phone .. '</div>')
end

local function Para(para)
  local first = #para.content == 1 and para.content[1]
  if not first then return nil end
  if FORMAT:match('html') then
    if first.t == 'Image' and first.src:match('%.svg$') then return chart(first) end
    return nil
  end
  if FORMAT ~= 'typst' then return nil end
  -- A sentence all in bold says what the figure below it shows: on paper they stay together.
  if first.t == 'Strong' then
    return { pandoc.RawBlock('typst', '#block(sticky: true)['), para, pandoc.RawBlock('typst', ']') }
  end
  if first.t == 'Span' and first.classes:includes('source-line') then
    return { pandoc.RawBlock('typst', '#source-line['), para, pandoc.RawBlock('typst', ']') }
  end
end

-- Code scrolls by itself where it is wide; a keyboard must be able to reach it.
local function CodeBlock(code)
  if not FORMAT:match('html') then return nil end
  code.attributes.tabindex = '0'
  return code
end

-- A financial year (2014-15), ages (18-64) and the name of a return (ASC-FR) do not break at their hyphen.
local function Str(str)
  local text = str.text
  local whole = text:match('%f[%d]%d%d%d%d%-%d%d') or text:match('^%(?%d%d%-%d%d%f[^%d]') or text:match('ASC%-FR')
  if not whole or #text > 24 then return nil end
  if FORMAT:match('html') then return pandoc.Span({ str }, pandoc.Attr('', { 'year' })) end
  if FORMAT == 'typst' then
    return { pandoc.RawInline('typst', '#box['), str, pandoc.RawInline('typst', ']') }
  end
end

-- On paper a page ends with a paragraph: a figure at the top of the next one would else stand within a sentence.
local function whole(blocks)
  local out = pandoc.Blocks {}
  for at, block in ipairs(blocks) do
    local first = block.t == 'Para' and #block.content > 1
    local after = blocks[at - 1]
    if first and not (after and after.t == 'RawBlock') then
      out:extend { pandoc.RawBlock('typst', '#block(breakable: false, spacing: 1.05em)['), block, pandoc.RawBlock('typst', ']') }
    else
      out:insert(block)
    end
  end
  return out
end

-- On paper the citation comes before the sources: the last page would else be a citation alone.
local function order(doc)
  if FORMAT ~= 'typst' then return nil end
  local function is(block, class) return block and block.t == 'Div' and block.classes:includes(class) end
  local out = pandoc.Blocks {}
  for _, block in ipairs(doc.blocks) do
    local last = out[#out]
    if is(block, 'cite') and is(last, 'sources') then
      out:insert(#out, block)
    else
      out:insert(block)
    end
  end
  doc.blocks = whole(out)
  return doc
end

local function Pandoc(doc)
  local text = colophon()
  doc.meta.colophon = pandoc.MetaString(text)
  -- The built-in renderer's template has a footer of its own.
  if quarto and FORMAT:match('html') then
    doc.blocks:insert(pandoc.RawBlock('html', '<footer class="colophon">'))
    doc.blocks:insert(pandoc.Plain { pandoc.Str(text) })
    doc.blocks:insert(pandoc.RawBlock('html', '</footer>'))
  end
  return doc
end

return { { Pandoc = order }, { Div = Div, Para = Para, Plain = Para, CodeBlock = CodeBlock, Str = Str }, { Pandoc = Pandoc } }
