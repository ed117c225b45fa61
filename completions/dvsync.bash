# Completion for dvsync: commands, options and their fixed values. Sourced by bash-completion as
# /usr/share/bash-completion/completions/dvsync.

_dvsync() {
  local word previous command i
  word=${COMP_WORDS[COMP_CWORD]}
  previous=${COMP_WORDS[COMP_CWORD - 1]}

  case $previous in
    --config)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --color)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word")
      return
      ;;
    --trigger)
      mapfile -t COMPREPLY < <(compgen -W 'background on_demand first_access' -- "$word")
      return
      ;;
    --action)
      mapfile -t COMPREPLY < <(compgen -W 'create update enable disable' -- "$word")
      return
      ;;
    --only)
      mapfile -t COMPREPLY < <(compgen -W 'disables updates' -- "$word")
      return
      ;;
    --outcome)
      mapfile -t COMPREPLY < <(compgen -W 'succeeded incomplete held failed interrupted running' -- "$word")
      return
      ;;
    --file | --out | -o | --what-if)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    set-access-mode)
      mapfile -t COMPREPLY < <(compgen -W 'read-write administrative non-interactive' -- "$word")
      return
      ;;
    --environment | -e | --user | -u | --run | --since | --until | --month | --older-than | --reason | --by | --comment | -m | --limit | -n | --group | --without-group | --without-user | --application-id | --object-id | --name)
      return # only the user knows
      ;;
  esac

  # The command is the first word that is neither an option nor the value of one.
  command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --config | --color) ((i++)) ;;
      -*) ;;
      *)
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done

  local global='--config --color --help' options
  case $command in
    '')
      mapfile -t COMPREPLY < <(compgen -W "run sync plan show apply approve reject undo explain user log report status check migrate $global --version" -- "$word")
      return
      ;;
    sync) options='--full --environment --user --no-wait --json' ;;
    plan)
      options='--full --environment --user --out --overwrite --what-if --without-group --without-user'
      options+=' --detailed-exitcode --no-wait --json'
      ;;
    show)
      mapfile -t COMPREPLY < <(compgen -f -W "--json $global" -- "$word")
      return
      ;;
    apply)
      mapfile -t COMPREPLY < <(compgen -f -W "--no-wait --json $global" -- "$word")
      return
      ;;
    approve) options='--comment --environment --no-wait --json' ;;
    reject) options='--comment --environment --json' ;;
    undo) options='--only --dry-run --yes --comment --environment --no-wait --json' ;;
    explain) options='--environment --trigger --reason --json' ;;
    user)
      options='add refresh diagnose enable disable invited set-access-mode add-application list link-stub reassign'
      # The verb is the next word that is no option.
      for ((i++; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
          -*) ;;
          add) options='--file --group --environment --json' && break ;;
          refresh) options='--file --all-fields --environment --json' && break ;;
          add-application) options='--application-id --object-id --name --email --business-unit --role --environment --json' && break ;;
          link-stub) options='--even-if-refused --environment --json' && break ;;
          reassign) options='--file --tables --dry-run --environment --json' && break ;;
          list)
            options='--enabled --disabled --stub --application --non-interactive --administrative --not-in-directory'
            options+=' --invitation-required --administrator-no-more --without-role --purgeable --environment --json --csv'
            break
            ;;
          *) options='--environment --json' && break ;;
        esac
      done
      ;;
    log) options='--run --user --since --until --action --reason --by --outcome --follow --changes --rejected --requests --refused --environment --limit --json --csv' ;;
    report)
      options='users kept-out administrators group leavers changes lag rejected'
      for ((i++; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
          -*) ;;
          kept-out) options='--reason --environment --json --csv' && break ;;
          leavers) options='--older-than --environment --json --csv' && break ;;
          changes) options='--month --since --until --environment --json --csv' && break ;;
          lag) options='--since --until --environment --json --csv' && break ;;
          *) options='--environment --json --csv' && break ;;
        esac
      done
      ;;
    status) options='--json --check' ;;
    check) options='--offline' ;;
    *) options= ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$options $global" -- "$word")
}

complete -F _dvsync dvsync
