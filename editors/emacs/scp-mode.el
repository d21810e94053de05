;;; scp-mode.el --- Policies of seccompc  -*- lexical-binding: t -*-

;; Written by go test ./internal/grammars -update, from the language's own words.

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
   (list (concat "\\(?:^\\|[{}]\\)[ \t]*" (regexp-opt '("allow" "log" "deny" "trap" "trace" "notify" "kill_thread" "kill") t) "\\(?:(\\|[ \t]+\\)") 1 'font-lock-keyword-face)
   (list (concat "=>[ \t]*" (regexp-opt '("allow" "log" "deny" "trap" "trace" "notify" "kill_thread" "kill") t) "\\>") 1 'font-lock-keyword-face)
   (list (concat "\\<" (regexp-opt '("default" "mismatch" "unknown") t) "[ \t]+" (regexp-opt '("allow" "log" "deny" "trap" "trace" "notify" "kill_thread" "kill") t) "\\>") 2 'font-lock-keyword-face)
   (list (concat "\\(?:^\\|[{}]\\|\\<else\\>\\)[ \t]*" (regexp-opt '("default" "mismatch" "unknown" "arch" "as" "const" "param" "late" "set" "include" "when" "hot" "test") t) "\\>") 1 'font-lock-builtin-face)
   (cons (concat "\\<" (regexp-opt '("linux" "else" "only" "all" "any" "i32" "i64" "not" "u32" "u64" "if" "in" "of") t) "\\>") 'font-lock-keyword-face)
   (cons "@[a-z0-9_-]*[a-z0-9_]" 'font-lock-variable-name-face)
   (cons (concat "\\<" (regexp-opt '("true" "false" "arch" "ip" "arg0" "arg1" "arg2" "arg3" "arg4" "arg5") t) "\\>") 'font-lock-variable-name-face)
   (cons (concat "\\<" (regexp-opt '("x86_64" "i386" "x32" "aarch64" "arm" "riscv64" "loongarch64" "ppc64" "ppc64le" "ppc" "s390x" "s390" "mips" "mipsel" "mips64" "mips64el" "mips64n32" "mipsel64n32" "parisc" "parisc64" "m68k" "sh" "sheb") t) "\\>") 'font-lock-type-face)
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
