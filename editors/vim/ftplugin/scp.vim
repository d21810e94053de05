" What vim needs to know of policies besides their colours.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s formatoptions-=t
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal iskeyword=@,48-57,_
if executable("seccompc")
  compiler seccompc
  setlocal formatprg=seccompc\ fmt\ -
endif

let b:undo_ftplugin = "setlocal comments< commentstring< formatoptions< expandtab< shiftwidth< "
      \ . "softtabstop< iskeyword< makeprg< errorformat< formatprg<"
