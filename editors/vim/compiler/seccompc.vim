" :make checks the policy that is being edited, and :copen lists what is found.
if exists("current_compiler")
  finish
endif
let current_compiler = "seccompc"

if exists(":CompilerSet") != 2
  command -nargs=* CompilerSet setlocal <args>
endif

CompilerSet makeprg=seccompc\ check\ --color=never\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%-G%.%#
