-- Starts "seccompc lsp" for policies. vim.g.seccompc_cmd is another command line, if it is set:
--   vim.g.seccompc_cmd = { "seccompc", "lsp", "-I", "/usr/share/policies" }
local cmd = vim.g.seccompc_cmd or { "seccompc", "lsp" }
if vim.fn.executable(cmd[1]) == 0 then
  return
end

local file = vim.api.nvim_buf_get_name(0)
local git = vim.fn.finddir(".git", vim.fn.fnamemodify(file, ":p:h") .. ";")
local root = git ~= "" and vim.fn.fnamemodify(git, ":p:h:h") or vim.fn.fnamemodify(file, ":p:h")
local config = { name = "seccompc", cmd = cmd, root_dir = root }

if vim.lsp.start then
  vim.lsp.start(config)
  return
end
-- Neovim 0.7 and older: one server for each directory.
_G.seccompc_clients = _G.seccompc_clients or {}
local id = _G.seccompc_clients[root]
if not id or vim.lsp.client_is_stopped(id) then
  id = vim.lsp.start_client(config)
  _G.seccompc_clients[root] = id
end
if id then
  vim.lsp.buf_attach_client(0, id)
end
