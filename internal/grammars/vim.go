package grammars

import (
	"fmt"
	"strings"
)

// Vim returns the syntax file of vim and Neovim.
func Vim() string {
	w := language()
	or := func(list []string) string { return `%(` + strings.Join(list, "|") + `)` }
	var b strings.Builder
	fmt.Fprintf(&b, "\" %s\nif exists(\"b:current_syntax\")\n  finish\nendif\n\n", Note)
	fmt.Fprintf(&b, "syntax case match\nsyntax sync minlines=50\n\n")
	fmt.Fprintf(&b, "syntax keyword scpOperatorWord %s\n", strings.Join(w.keywords, " "))
	fmt.Fprintf(&b, "syntax match scpConstant /\\v<[A-Z][A-Z0-9]*_?[A-Za-z0-9_]*>/\n")
	fmt.Fprintf(&b, "syntax match scpABI /\\v<%s>/\n", or(w.abis))
	fmt.Fprintf(&b, "syntax match scpName /\\v<%s>/\n", or(w.names))
	fmt.Fprintf(&b,
		"syntax match scpNumber "+
			"/\\v<%%(0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*%%(\\.[0-9]+)*)>/\n")
	fmt.Fprintf(&b, "syntax match scpSet /@[a-z0-9_-]*[a-z0-9_]/\n")
	fmt.Fprintf(&b, "syntax match scpStatement /\\v%%(^\\s*|[{}]\\s*|<else\\s+)@<=%s>/\n",
		or(w.statements))
	fmt.Fprintf(&b,
		"syntax match scpAction /\\v%%(^\\s*|[{}]\\s*)@<=%s>%%(\\(|\\s+[@A-Za-z0-9])@=/\n",
		or(w.actions))
	fmt.Fprintf(&b, "syntax match scpAction /\\v%%(\\=\\>\\s*)@<=%s>/\n",
		or(w.actions))
	fmt.Fprintf(&b, "syntax match scpAction /\\v%%(<%s\\s+)@<=%s>/\n", or(w.fallbacks),
		or(w.actions))
	fmt.Fprintf(&b, "syntax match scpString /\"[^\"]*\"\\=/\n")
	fmt.Fprintf(&b, "syntax match scpLint /\\v<lint:\\s+allow\\s+[a-z-]+/ contained\n")
	fmt.Fprintf(&b, "syntax match scpComment /#.*/ contains=scpLint,@Spell\n\n")
	for _, link := range []string{
		"OperatorWord Operator", "Constant Constant", "ABI Type", "Name Identifier",
		"Number Number", "Set Identifier", "Statement Statement", "Action Keyword",
		"String String", "Lint SpecialComment", "Comment Comment",
	} {
		fmt.Fprintf(&b, "highlight default link scp%s\n", link)
	}
	fmt.Fprintf(&b, "\nlet b:current_syntax = \"scp\"\n")
	return b.String()
}

// Emacs returns the mode of Emacs.
func Emacs() string {
	w := language()
	list := func(words []string) string {
		return `(regexp-opt '("` + strings.Join(words, `" "`) +
			`") t)`
	}
	const start = `"\\(?:^\\|[{}]\\)[ \t]*"`
	return fmt.Sprintf(`;;; scp-mode.el --- Policies of seccompc  -*- lexical-binding: t -*-

;; %s

;;; Code:

(defvar scp-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "w" table)
    (modify-syntax-entry ?' "." table)
    table))

(defvar scp-font-lock-keywords
  (list
   (list (concat %s %s "\\(?:(\\|[ \t]+\\)") 1 'font-lock-keyword-face)
   (list (concat "=>[ \t]*" %s "\\>") 1 'font-lock-keyword-face)
   (list (concat "\\<" %s "[ \t]+" %s "\\>") 2 'font-lock-keyword-face)
   (list (concat "\\(?:^\\|[{}]\\|\\<else\\>\\)[ \t]*" %s "\\>") 1 'font-lock-builtin-face)
   (cons (concat "\\<" %s "\\>") 'font-lock-keyword-face)
   (cons "@[a-z0-9_-]*[a-z0-9_]" 'font-lock-variable-name-face)
   (cons (concat "\\<" %s "\\>") 'font-lock-variable-name-face)
   (cons (concat "\\<" %s "\\>") 'font-lock-type-face)
   (cons "\\<[A-Z][A-Z0-9]*_?[A-Za-z0-9_]*\\>" 'font-lock-constant-face)))

;;;###autoload
(define-derived-mode scp-mode prog-mode "scp"
  "Major mode for policies of seccompc."
  (setq-local comment-start "# ")
  (setq-local comment-end "")
  (setq-local case-fold-search nil)
  (setq-local font-lock-defaults '(scp-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.scp\\'" . scp-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(scp-mode . ("seccompc" "lsp"))))

(provide 'scp-mode)
;;; scp-mode.el ends here
`, Note, start, list(w.actions), list(w.actions), list(w.fallbacks), list(w.actions),
		list(w.statements), list(w.keywords), list(w.names), list(w.abis))
}
