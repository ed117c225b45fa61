# Completion for dvsync in bash: asks the program itself. Sourced by bash-completion as
# /usr/share/bash-completion/completions/dvsync.

_dvsync() {
  local words current broken i
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} == *[[:blank:]] ]] && words+=('')
  current=${words[-1]}
  mapfile -t COMPREPLY < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
  # Readline replaces what follows the last character at which it breaks words: of ana@contoso.example, what follows @.
  broken=${current%"${current##*[@:=]}"}
  if [[ -n $broken && $COMP_WORDBREAKS == *"${broken: -1}"* ]]; then
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]:${#broken}}; done
  fi
  for i in "${!COMPREPLY[@]}"; do printf -v 'COMPREPLY[i]' %q "${COMPREPLY[i]}"; done
}

complete -o default -F _dvsync dvsync
