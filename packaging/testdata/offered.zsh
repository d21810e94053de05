# zsh -f offered.zsh DIR LINE: what zsh offers at the end of LINE, one word a line, by the
# completions in DIR. A shell on a terminal of its own is given the line and a tab; in it compadd,
# by which every completion ends, prints what it adds.
zmodload zsh/zpty
dir=$1 line=$2
zpty shell zsh -f -i
zpty -w shell 'PROMPT=; fpath=('${(q)dir}' $fpath); autoload -Uz compinit; compinit -u -D
compadd () {
	local -a added
	local option
	for option in -O -A -D; do
		(( ${@[(I)$option*]} )) && { builtin compadd "$@"; return; }
	done
	builtin compadd -A added "$@"
	print -rl -- "<"$^added">"
	builtin compadd "$@"
}
ended () { print "<""ended>"; }
zle -N ended; bindkey "^I" complete-word; bindkey "^X" ended
print "<""ready>"'
until_line () { while zpty -r shell out; do print -r -- "$out"; [[ $out == *"<$1>"* ]] && break; done }
until_line ready >/dev/null
zpty -w -n shell "$line"$'\t\x18'
until_line ended | tr '\r' '\n' | sed -n 's/.*<\(.*\)>$/\1/p' | grep -vx ended
zpty -d shell
