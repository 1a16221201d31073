/** The shells that can be told. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** Each asks the very program on the line what may come next: `word<tab>description` lines. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# eval "$(drizzle-ops completion bash)"
_drizzle_ops() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _drizzle_ops drizzle-ops
`,
  zsh: `#compdef drizzle-ops
# eval "$(drizzle-ops completion zsh)"
_drizzle_ops() {
  local line
  local -a found
  for line in "\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe drizzle-ops found; else _files; fi
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
compdef _drizzle_ops drizzle-ops
`,
  fish: `# drizzle-ops completion fish | source
function __drizzle_ops
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($before[1] completion words -- $before[2..-1] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c drizzle-ops -f -a '(__drizzle_ops)'
`,
}
