# Completion for dvsync in fish: asks the program itself. Installed as /usr/share/fish/vendor_completions.d/dvsync.fish.

function __dvsync_candidates
  set -l candidates (dvsync complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if set -q candidates[1]
    printf '%s\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end

complete -c dvsync -f -a '(__dvsync_candidates)'
