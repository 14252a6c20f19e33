# Completion for bash: to be found as share/bash-completion/completions/loopgate.
_loopgate() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null)
}
complete -o default -F _loopgate loopgate
