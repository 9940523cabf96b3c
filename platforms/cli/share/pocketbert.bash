# Completion of pocketbert for bash. Made by `pocketbert --generate bash`.

# Offers what $1 says: the words that follow, models, folders, files or nothing.
_pocketbert_offer() {
  local IFS=$'\n'
  case $1 in
    words) mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$current") ;;
    models) mapfile -t COMPREPLY < <(compgen -f -X '!*.pbert' -- "$current"; compgen -d -- "$current") ;;
    folders) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    files) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    nothing) ;;
  esac
  [[ $1 == words || $1 == nothing ]] || compopt -o filenames 2>/dev/null
}

_pocketbert() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    _pocketbert_offer words convert build lint run chat similarity search rerank tokenize inspect eval compare bench doctor help --help --version
    return
  fi

  local flags with_value positionals
  case ${COMP_WORDS[1]} in
    help) _pocketbert_offer words convert build lint run chat similarity search rerank tokenize inspect eval compare bench doctor; return ;;
    convert)
      flags='--help -h --output -o --weights --keep --task --add-head --trim-vocab --eval --oos-label --reject-cost --threads --json'
      with_value='--output -o --weights --keep --task --add-head --trim-vocab --eval --oos-label --reject-cost --threads'
      positionals=(folders)
      case $previous in
        --output | -o) _pocketbert_offer models; return ;;
        --weights) _pocketbert_offer words int8 fp32; return ;;
        --task) _pocketbert_offer words text-classification token-classification question-answering fill-mask feature-extraction next-sentence-prediction; return ;;
        --trim-vocab) _pocketbert_offer files; return ;;
        --eval) _pocketbert_offer files; return ;;
      esac
      ;;
    build)
      flags='--help -h --output -o --encoder --keep --oos-label --no-names --threads --json'
      with_value='--output -o --encoder --keep --oos-label --threads'
      positionals=(nothing)
      case $previous in
        --output | -o) _pocketbert_offer models; return ;;
      esac
      ;;
    lint)
      flags='--help -h --encoder --top --oos-label --threads --json'
      with_value='--encoder --top --oos-label --threads'
      positionals=(nothing)
      ;;
    run)
      flags='--help -h --pair --task --input --question --context --doc-stride --max-seq-len --max-answer-len --impossible --part-words --aggregation --ignore-labels --stride --targets --labels --template --multi-label --pooling --normalize --top-k --function-to-apply --max-tokens --threads --backend --reject --table --json --raw'
      with_value='--pair --task --input --question --context --doc-stride --max-seq-len --max-answer-len --aggregation --ignore-labels --stride --targets --labels --template --pooling --top-k --function-to-apply --max-tokens --threads --backend'
      positionals=(models nothing)
      case $previous in
        --task) _pocketbert_offer words text-classification token-classification question-answering fill-mask feature-extraction next-sentence-prediction; return ;;
        --input) _pocketbert_offer words lines jsonl; return ;;
        --aggregation) _pocketbert_offer words none simple first average max; return ;;
        --pooling) _pocketbert_offer words tokens cls mean max model; return ;;
        --function-to-apply) _pocketbert_offer words softmax sigmoid none; return ;;
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    chat)
      flags='--help -h --flow --learned --threads --backend'
      with_value='--flow --learned --threads --backend'
      positionals=(models)
      case $previous in
        --flow) _pocketbert_offer models; return ;;
        --learned) _pocketbert_offer models; return ;;
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    similarity)
      flags='--help -h --threads --backend --json'
      with_value='--threads --backend'
      positionals=(models nothing nothing)
      case $previous in
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    search)
      flags='--help -h --top-k --vectors --threads --backend --json'
      with_value='--top-k --vectors --threads --backend'
      positionals=(models nothing nothing)
      case $previous in
        --vectors) _pocketbert_offer models; return ;;
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    rerank)
      flags='--help -h --top-k --threads --backend --json'
      with_value='--top-k --threads --backend'
      positionals=(models nothing nothing)
      case $previous in
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    tokenize)
      flags='--help -h --pair --input --json'
      with_value='--pair --input'
      positionals=(models nothing)
      case $previous in
        --input) _pocketbert_offer words lines jsonl; return ;;
      esac
      ;;
    inspect)
      flags='--help -h --memory --max-tokens --threads --backend --json'
      with_value='--max-tokens --threads --backend'
      positionals=(models)
      case $previous in
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    eval)
      flags='--help -h --reference --oos-label --errors --confusion --write-report --threads --backend --json'
      with_value='--reference --oos-label --errors --confusion --threads --backend'
      positionals=(models files)
      case $previous in
        --reference) _pocketbert_offer folders; return ;;
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    compare)
      flags='--help -h --backend --layers-only --json'
      with_value='--backend'
      positionals=(models folders files)
      case $previous in
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    bench)
      flags='--help -h --tokens --threads --iterations --backend --profile --report --json'
      with_value='--tokens --threads --iterations --backend'
      positionals=(models)
      case $previous in
        --backend) _pocketbert_offer words auto xnnpack native reference; return ;;
      esac
      ;;
    doctor)
      flags='--help -h --json'
      with_value=''
      positionals=(models)
      ;;
    *) return ;;
  esac

  [[ " $with_value " != *" $previous "* ]] || return  # any value will do

  # Which of the arguments that are no flags is it?
  local i word index=0 texts_only=
  for ((i = 2; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $texts_only ]]; then
      ((++index))
    elif [[ $word == -- ]]; then
      texts_only=yes
    elif [[ $word == = ]]; then
      ((++i))
    elif [[ " $with_value " == *" $word "* ]]; then
      [[ ${COMP_WORDS[i + 1]} == = ]] || ((++i))
    elif [[ $word != -[[:alpha:]-]* ]]; then
      ((++index))
    fi
  done
  local offer=${positionals[index]:-nothing}
  if [[ ! $texts_only && ($current == -* || $offer == nothing) ]]; then
    _pocketbert_offer words $flags
  else
    _pocketbert_offer "$offer"
  fi
}

complete -F _pocketbert pocketbert
