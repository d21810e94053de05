-- What an editor sees of a policy, as JSON, in the file $REPORT. The test reads it.
local report = {}

local function wait(what, done)
  if not vim.wait(30000, done, 20) then
    report.failed = what
    vim.fn.writefile({ vim.json.encode(report) }, vim.env.REPORT)
    vim.cmd("cquit")
  end
end

local function ask(method, more)
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  local answers = vim.lsp.buf_request_sync(0, method, params, 30000) or {}
  for _, answer in pairs(answers) do
    return answer.result
  end
end

-- Puts the cursor on a word of a line, or behind it.
local function go(line, word, behind)
  local text = vim.fn.getline(line)
  local from, to = text:find(word, 1, true)
  vim.fn.cursor(line, behind and to + 1 or from)
end

local function colour(line, word)
  go(line, word)
  return vim.fn.synIDattr(vim.fn.synID(line, vim.fn.col("."), 1), "name")
end

local function findings()
  local out = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    table.insert(out, { line = d.lnum + 1, column = d.col + 1, message = d.message, code = d.code })
  end
  return out
end

report.filetype = vim.bo.filetype
report.colours = {
  comment = colour(1, "# "), statement = colour(2, "arch"), abi = colour(2, "x86_64"),
  fallback = colour(3, "default"), action = colour(3, "allow"), set = colour(4, "@mine"),
  call = colour(5, "kill"), rule = colour(5, "deny"), constant = colour(6, "AF_INET"),
  word = colour(6, "if"), argument = colour(6, "family"), string = colour(8, '"x'),
  claim = colour(9, "deny"),
}

vim.cmd("silent make!")
report.make = {}
for _, entry in ipairs(vim.fn.getqflist()) do
  if entry.valid == 1 then
    table.insert(report.make, { line = entry.lnum, column = entry.col, type = entry.type, text = entry.text })
  end
end

wait("findings", function() return #vim.diagnostic.get(0) > 0 end)
report.findings = findings()

go(7, "pidfd_getfdd")
local here = { start = { line = 6, character = 5 }, ["end"] = { line = 6, character = 5 } }
local actions = ask("textDocument/codeAction", { range = here, context = { diagnostics = {} } }) or {}
report.action = actions[1] and actions[1].title
if actions[1] then
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
end
wait("mending", function() return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0 end)
report.mended = vim.fn.getline(7)

go(6, "socket")
report.hover = ask("textDocument/hover").contents.value

go(6, "== ", true)
report.completion = {}
for _, item in ipairs(ask("textDocument/completion").items) do
  table.insert(report.completion, item.label)
end

go(5, "@mine")
report.definition = ask("textDocument/definition")[1].range.start.line + 1
report.references = #ask("textDocument/references", { context = { includeDeclaration = true } })
vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", { newName = "yours" }), "utf-16")
report.renamed = { vim.fn.getline(4), vim.fn.getline(5) }

vim.fn.setline(10, "    bpf   =>   deny")
local edits = ask("textDocument/formatting", { options = { tabSize = 4, insertSpaces = true } })
vim.lsp.util.apply_text_edits(edits, 0, "utf-16")
report.formatted = vim.fn.getline(10)

local lenses = ask("textDocument/codeLens")
local last = vim.lsp.buf_request_sync(0, "codeLens/resolve", lenses[#lenses], 30000)
for _, answer in pairs(last) do
  report.lens = answer.result.command.title
end

vim.fn.writefile({ vim.json.encode(report) }, vim.env.REPORT)
vim.cmd("qall!")
