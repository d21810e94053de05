" Written by go test ./internal/grammars -update, from the language's own words.
if exists("b:current_syntax")
  finish
endif

syntax case match
syntax sync minlines=50

syntax keyword scpOperatorWord linux else only all any i32 i64 not u32 u64 if in of
syntax match scpConstant /\v<[A-Z][A-Z0-9]*_?[A-Za-z0-9_]*>/
syntax match scpABI /\v<%(x86_64|i386|x32|aarch64|arm|riscv64|loongarch64|ppc64|ppc64le|ppc|s390x|s390|mips|mipsel|mips64|mips64el|mips64n32|mipsel64n32|parisc|parisc64|m68k|sh|sheb)>/
syntax match scpName /\v<%(true|false|arch|ip|arg0|arg1|arg2|arg3|arg4|arg5)>/
syntax match scpNumber /\v<%(0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*%(\.[0-9]+)*)>/
syntax match scpSet /@[a-z0-9_-]*[a-z0-9_]/
syntax match scpStatement /\v%(^\s*|[{}]\s*|<else\s+)@<=%(default|mismatch|unknown|arch|as|const|param|late|set|include|when|hot|test)>/
syntax match scpAction /\v%(^\s*|[{}]\s*)@<=%(allow|log|deny|trap|trace|notify|kill_thread|kill)>%(\(|\s+[@A-Za-z0-9])@=/
syntax match scpAction /\v%(\=\>\s*)@<=%(allow|log|deny|trap|trace|notify|kill_thread|kill)>/
syntax match scpAction /\v%(<%(default|mismatch|unknown)\s+)@<=%(allow|log|deny|trap|trace|notify|kill_thread|kill)>/
syntax match scpString /"[^"]*"\=/
syntax match scpLint /\v<lint:\s+allow\s+[a-z-]+/ contained
syntax match scpComment /#.*/ contains=scpLint,@Spell

highlight default link scpOperatorWord Operator
highlight default link scpConstant Constant
highlight default link scpABI Type
highlight default link scpName Identifier
highlight default link scpNumber Number
highlight default link scpSet Identifier
highlight default link scpStatement Statement
highlight default link scpAction Keyword
highlight default link scpString String
highlight default link scpLint SpecialComment
highlight default link scpComment Comment

let b:current_syntax = "scp"
