autocmd BufNewFile,BufRead *.scp setfiletype scp
