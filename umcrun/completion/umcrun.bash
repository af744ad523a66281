# SPDX-License-Identifier: GPL-2.0-only
# bash completion for umcrun: commands, options, instances, loaded modules, module files.

# The options of a command (of umcrun itself without one), taken from its help text.
_umcrun_options() {
    "$1" ${2:+"$2"} --help 2>/dev/null | grep -oE -- '(^|[ ,])--?[[:alnum:]][[:alnum:]-]*=?' | tr -d ' ,'
}

_umcrun_instances() {
    "$1" status --all --json 2>/dev/null | grep -oE '"name":"[^"]*"' | cut -d'"' -f4
}

_umcrun_loaded() {
    "$1" ${2:+-i "$2"} lsmod 2>/dev/null | awk 'NR > 1 {print $1}'
}

# Module files and directories.
_umcrun_files() {
    local IFS=$'\n'
    compopt -o filenames
    COMPREPLY=($(compgen -f -X '!*.so' -- "$cur") $(compgen -f -X '!*.ko' -- "$cur") $(compgen -d -- "$cur"))
}

_umcrun() {
    local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='insmod rmmod lsmod modprobe modinfo depmod check dmesg ps run start stop status kdir help'
    local command='' instance='' word i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            -i | --instance) instance=${COMP_WORDS[++i]} ;;
            -*) ;;
            *) command=${command:-$word} ;;
        esac
    done
    COMPREPLY=()
    case $previous in
        -i)
            if [[ $command != modprobe ]]; then
                COMPREPLY=($(compgen -W "$(_umcrun_instances "$program")" -- "$cur"))
                return
            fi
            ;;
        --instance)
            COMPREPLY=($(compgen -W "$(_umcrun_instances "$program")" -- "$cur"))
            return
            ;;
        -l | --level)
            if [[ $command == dmesg ]]; then
                COMPREPLY=($(compgen -W 'emerg alert crit err warn notice info debug' -- "$cur"))
                return
            fi
            ;;
        -b | --basedir | --dirname | --module-dir)
            compopt -o filenames
            COMPREPLY=($(compgen -d -- "$cur"))
            return
            ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(_umcrun_options "$program" "$command")" -- "$cur"))
        [[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace
        return
    fi
    case $command in
        '' | help) COMPREPLY=($(compgen -W "$commands" -- "$cur")) ;;
        insmod | run | check | modinfo) _umcrun_files ;;
        rmmod) COMPREPLY=($(compgen -W "$(_umcrun_loaded "$program" "$instance")" -- "$cur")) ;;
        modprobe)
            if [[ " ${COMP_WORDS[*]} " == *' -r '* || " ${COMP_WORDS[*]} " == *' --remove '* ]]; then
                COMPREPLY=($(compgen -W "$(_umcrun_loaded "$program" "$instance")" -- "$cur"))
            fi
            ;;
        depmod)
            compopt -o filenames
            COMPREPLY=($(compgen -d -- "$cur"))
            ;;
    esac
}

complete -F _umcrun umcrun
