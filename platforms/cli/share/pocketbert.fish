# Completion of pocketbert for fish. Made by `pocketbert --generate fish`.

# Whether the command is $argv[1].
function __pocketbert_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

# Whether the command is $argv[1] and what is typed is its argument number $argv[2], flags not counted. The rest of
# $argv are the flags that take a value.
function __pocketbert_argument
    __pocketbert_is $argv[1]; or return 1
    set -l words (commandline -opc)
    set -l number 1
    set -l is_value no
    for word in $words[3..]
        if test $is_value = yes
            set is_value no
        else if contains -- $word $argv[3..]
            set is_value yes
        else if not string match -qr -- '^-[A-Za-z-]' $word
            set number (math $number + 1)
        end
    end
    test $number = $argv[2]
end

complete -c pocketbert -f
complete -c pocketbert -n __fish_use_subcommand -l help -d 'Print the list of commands'
complete -c pocketbert -n __fish_use_subcommand -l version -d 'Print the version'
complete -c pocketbert -n __fish_use_subcommand -a help -d 'explain a command'
complete -c pocketbert -n '__pocketbert_is help' -a 'convert build lint run chat similarity search rerank tokenize inspect eval compare bench doctor'

complete -c pocketbert -n __fish_use_subcommand -a convert -d 'make a .pbert file from a checkpoint directory'
complete -c pocketbert -n '__pocketbert_argument convert 1 --output -o --weights --keep --task --add-head --trim-vocab --eval --oos-label --reject-cost --threads' -a '(__fish_complete_directories)'
complete -c pocketbert -n '__pocketbert_is convert' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is convert' -l output -s o -r -k -a '(__fish_complete_suffix .pbert)' -d 'The file to write; it appears when it is complete'
complete -c pocketbert -n '__pocketbert_is convert' -l weights -r -a 'int8 fp32' -d 'int8 (default), or fp32 for comparison'
complete -c pocketbert -n '__pocketbert_is convert' -l keep -r -d 'Matrices that stay fp32, as `compare` names them: fp32:NAME, with * for any characters; may be repeated'
complete -c pocketbert -n '__pocketbert_is convert' -l task -r -a 'text-classification token-classification question-answering fill-mask feature-extraction next-sentence-prediction' -d 'Which head to take, where the checkpoint does not say or has several: text-classification, fill-mask, feature-extraction ...'
complete -c pocketbert -n '__pocketbert_is convert' -l add-head -r -d 'A checkpoint with the same encoder, not trained further, whose head comes into the file too; or the task of another head of CHECKPOINT_DIR; may be repeated'
complete -c pocketbert -n '__pocketbert_is convert' -l trim-vocab -r -F -d 'Keep only the pieces that these texts need, and those of single characters and special tokens; may be repeated'
complete -c pocketbert -n '__pocketbert_is convert' -l eval -r -F -d 'Measure on these labelled texts, and pick a threshold'
complete -c pocketbert -n '__pocketbert_is convert' -l oos-label -r -d 'The label of out-of-scope texts (default oos)'
complete -c pocketbert -n '__pocketbert_is convert' -l reject-cost -r -d 'Points of in-scope accuracy that the threshold may cost (default 1.5)'
complete -c pocketbert -n '__pocketbert_is convert' -l threads -r -d 'Texts of --eval answered at once (default: all cores)'
complete -c pocketbert -n '__pocketbert_is convert' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a build -d 'make a bot of labelled sentences'
complete -c pocketbert -n '__pocketbert_is build' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is build' -l output -s o -r -k -a '(__fish_complete_suffix .pbert)' -d 'The file to write; it appears when it is complete'
complete -c pocketbert -n '__pocketbert_is build' -l encoder -r -d 'What the head stands on: a .pbert file of sentence embeddings, a checkpoint, or a name in the Hugging Face cache'
complete -c pocketbert -n '__pocketbert_is build' -l keep -r -d 'The share of understood sentences that must not be rejected (default 0.97); fewer let fewer others through'
complete -c pocketbert -n '__pocketbert_is build' -l oos-label -r -d 'The label of out-of-scope sentences (default: oos, out_of_scope and nlu_fallback)'
complete -c pocketbert -n '__pocketbert_is build' -l no-names -d 'The intents\' names say nothing about their sentences'
complete -c pocketbert -n '__pocketbert_is build' -l threads -r -d 'Cores to use (default: all)'
complete -c pocketbert -n '__pocketbert_is build' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a lint -d 'what is wrong with labelled sentences'
complete -c pocketbert -n '__pocketbert_is lint' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is lint' -l encoder -r -d 'What understands sentences: a .pbert file of sentence embeddings, a checkpoint, or a name in the Hugging Face cache'
complete -c pocketbert -n '__pocketbert_is lint' -l top -r -d 'How many findings of each kind to show (default 20; 0: all); JSON has them all'
complete -c pocketbert -n '__pocketbert_is lint' -l oos-label -r -d 'The label of out-of-scope sentences (default: oos, out_of_scope and nlu_fallback)'
complete -c pocketbert -n '__pocketbert_is lint' -l threads -r -d 'Cores to use (default: all)'
complete -c pocketbert -n '__pocketbert_is lint' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a run -d 'answer texts with a model'
complete -c pocketbert -n '__pocketbert_argument run 1 --pair --task --input --question --context --doc-stride --max-seq-len --max-answer-len --aggregation --ignore-labels --stride --targets --labels --template --pooling --top-k --function-to-apply --max-tokens --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is run' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is run' -l pair -r -d 'A second text, that goes with each TEXT or line; an empty one is none'
complete -c pocketbert -n '__pocketbert_is run' -l task -r -a 'text-classification token-classification question-answering fill-mask feature-extraction next-sentence-prediction' -d 'Of a file with several heads the one that answers (default: the first): text-classification, feature-extraction ...'
complete -c pocketbert -n '__pocketbert_is run' -l input -r -a 'lines jsonl' -d 'How to read standard input: lines (default) or jsonl'
complete -c pocketbert -n '__pocketbert_is run' -l question -r -d 'Question answering: what to answer ...'
complete -c pocketbert -n '__pocketbert_is run' -l context -r -d '... from this text, however long'
complete -c pocketbert -n '__pocketbert_is run' -l doc-stride -r -d 'Tokens that neighbouring windows of the context share'
complete -c pocketbert -n '__pocketbert_is run' -l max-seq-len -r -d 'Tokens of a window, the question\'s included (default 384)'
complete -c pocketbert -n '__pocketbert_is run' -l max-answer-len -r -d 'Tokens of the longest answer (default 15)'
complete -c pocketbert -n '__pocketbert_is run' -l impossible -d 'Let "no answer", an empty one, compete with the others; it wins by the file\'s null threshold, if there is one'
complete -c pocketbert -n '__pocketbert_is run' -l part-words -d 'Let answers begin and end within words'
complete -c pocketbert -n '__pocketbert_is run' -l aggregation -r -a 'none simple first average max' -d 'Token classification: none (default), simple, first, average or max'
complete -c pocketbert -n '__pocketbert_is run' -l ignore-labels -r -d 'Token classification: leave out these (default O)'
complete -c pocketbert -n '__pocketbert_is run' -l stride -r -d 'Read a long text in windows that share N tokens, instead of cutting it: entities of all, or the mean of scores or vectors'
complete -c pocketbert -n '__pocketbert_is run' -l targets -r -d 'Fill-mask: choose only among these words'
complete -c pocketbert -n '__pocketbert_is run' -l labels -r -d 'Zero-shot: these labels, with an entailment model'
complete -c pocketbert -n '__pocketbert_is run' -l template -r -d 'Zero-shot: default "This example is {}."'
complete -c pocketbert -n '__pocketbert_is run' -l multi-label -d 'Zero-shot: each label for itself'
complete -c pocketbert -n '__pocketbert_is run' -l pooling -r -a 'tokens cls mean max model' -d 'Embeddings: tokens (a vector each), cls, mean, max, or model: what the file says; default model, or tokens where it says none'
complete -c pocketbert -n '__pocketbert_is run' -l normalize -d 'Embeddings: scale pooled vectors to length 1'
complete -c pocketbert -n '__pocketbert_is run' -l top-k -r -d 'How many labels to show, best first: 1 by default, 0 for all'
complete -c pocketbert -n '__pocketbert_is run' -l function-to-apply -r -a 'softmax sigmoid none' -d 'Text classification: make scores of outputs by softmax, sigmoid or none; default: as the model\'s problem type has it'
complete -c pocketbert -n '__pocketbert_is run' -l max-tokens -r -d 'Cut after N tokens, special ones included, the longer of a pair first; default: the model\'s positions'
complete -c pocketbert -n '__pocketbert_is run' -l threads -r -d 'Cores for one text (default 1); auto: as many as are fastest here, by a short measurement'
complete -c pocketbert -n '__pocketbert_is run' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is run' -l reject -d 'Say `not understood` where the best score is below the file\'s reject threshold (see convert --eval)'
complete -c pocketbert -n '__pocketbert_is run' -l table -d 'A table of sentence, intent, confidence and milliseconds, measured after one run that is not'
complete -c pocketbert -n '__pocketbert_is run' -l json -d 'Print for machines, as the reference\'s pipelines answer'
complete -c pocketbert -n '__pocketbert_is run' -l raw -d 'Print the network\'s outputs instead of the answer, as JSON'

complete -c pocketbert -n __fish_use_subcommand -a chat -d 'a prompt that shows intents as you type'
complete -c pocketbert -n '__pocketbert_argument chat 1 --flow --learned --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is chat' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is chat' -l flow -r -k -a '(__fish_complete_suffix .pbert)' -d 'Answer as this file says, and not with intents'
complete -c pocketbert -n '__pocketbert_is chat' -l learned -r -k -a '(__fish_complete_suffix .pbert)' -d 'Keep in this file what /learn teaches, and begin with it'
complete -c pocketbert -n '__pocketbert_is chat' -l threads -r -d 'Cores for one text (default 1)'
complete -c pocketbert -n '__pocketbert_is chat' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'

complete -c pocketbert -n __fish_use_subcommand -a similarity -d 'how alike two texts are, by their embeddings'
complete -c pocketbert -n '__pocketbert_argument similarity 1 --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is similarity' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is similarity' -l threads -r -d 'Cores for one text (default 1)'
complete -c pocketbert -n '__pocketbert_is similarity' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is similarity' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a search -d 'the lines of a file that are nearest to a text'
complete -c pocketbert -n '__pocketbert_argument search 1 --top-k --vectors --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is search' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is search' -l top-k -r -d 'Show so many lines, nearest first (default 5)'
complete -c pocketbert -n '__pocketbert_is search' -l vectors -r -k -a '(__fish_complete_suffix .pbert)' -d 'Keep the vectors here (default CORPUS.vectors)'
complete -c pocketbert -n '__pocketbert_is search' -l threads -r -d 'Cores for one text (default 1)'
complete -c pocketbert -n '__pocketbert_is search' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is search' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a rerank -d 'which of several texts answer a query best'
complete -c pocketbert -n '__pocketbert_argument rerank 1 --top-k --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is rerank' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is rerank' -l top-k -r -d 'Show so many, best first; default: all'
complete -c pocketbert -n '__pocketbert_is rerank' -l threads -r -d 'Cores for one text (default 1)'
complete -c pocketbert -n '__pocketbert_is rerank' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is rerank' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a tokenize -d 'show the tokens of texts'
complete -c pocketbert -n '__pocketbert_argument tokenize 1 --pair --input' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is tokenize' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is tokenize' -l pair -r -d 'A second text, that goes with each TEXT or line'
complete -c pocketbert -n '__pocketbert_is tokenize' -l input -r -a 'lines jsonl' -d 'How to read standard input: lines (default) or jsonl'
complete -c pocketbert -n '__pocketbert_is tokenize' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a inspect -d 'show what is in a file, and check it'
complete -c pocketbert -n '__pocketbert_argument inspect 1 --max-tokens --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is inspect' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is inspect' -l memory -d 'Show the memory plan of a session'
complete -c pocketbert -n '__pocketbert_is inspect' -l max-tokens -r -d 'With --memory: of a session for texts of N tokens; default: the model\'s positions'
complete -c pocketbert -n '__pocketbert_is inspect' -l threads -r -d 'With --memory: cores for one text (default 1)'
complete -c pocketbert -n '__pocketbert_is inspect' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is inspect' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a eval -d 'measure accuracy on labelled texts, int8 beside fp32'
complete -c pocketbert -n '__pocketbert_argument eval 1 --reference --oos-label --errors --confusion --threads --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_argument eval 2 --reference --oos-label --errors --confusion --threads --backend' -F
complete -c pocketbert -n '__pocketbert_is eval' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is eval' -l reference -r -a '(__fish_complete_directories)' -d 'The checkpoint that FILE was made from: compare with it in fp32'
complete -c pocketbert -n '__pocketbert_is eval' -l oos-label -r -d 'The label of out-of-scope texts (default oos)'
complete -c pocketbert -n '__pocketbert_is eval' -l errors -r -d 'Show so many wrongly answered texts, the most confident first'
complete -c pocketbert -n '__pocketbert_is eval' -l confusion -r -d 'Write how often each label was taken for each, as .csv'
complete -c pocketbert -n '__pocketbert_is eval' -l write-report -d 'Store these figures in FILE, where `inspect` shows them'
complete -c pocketbert -n '__pocketbert_is eval' -l threads -r -d 'Texts answered at once, each on one core (default, and auto: all cores, without small ones beside bigger)'
complete -c pocketbert -n '__pocketbert_is eval' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is eval' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a compare -d 'int8 against fp32, layer by layer'
complete -c pocketbert -n '__pocketbert_argument compare 1 --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_argument compare 2 --backend' -a '(__fish_complete_directories)'
complete -c pocketbert -n '__pocketbert_argument compare 3 --backend' -F
complete -c pocketbert -n '__pocketbert_is compare' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is compare' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is compare' -l layers-only -d 'Do not try the matrices, which takes a run over the texts for each'
complete -c pocketbert -n '__pocketbert_is compare' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a bench -d 'measure time and memory on this machine'
complete -c pocketbert -n '__pocketbert_argument bench 1 --tokens --threads --iterations --backend' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is bench' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is bench' -l tokens -r -d 'Lengths of texts (default 8,16,32,64,128)'
complete -c pocketbert -n '__pocketbert_is bench' -l threads -r -d 'Cores for one text (default 1); auto: as many as are fastest here, by a short measurement'
complete -c pocketbert -n '__pocketbert_is bench' -l iterations -r -d 'Timed requests for each length (default 200)'
complete -c pocketbert -n '__pocketbert_is bench' -l backend -r -a 'auto xnnpack native reference' -d 'Who multiplies matrices: auto (default, the fastest here), xnnpack, native or reference'
complete -c pocketbert -n '__pocketbert_is bench' -l profile -d 'Show the time by part as well'
complete -c pocketbert -n '__pocketbert_is bench' -l report -d 'Print one row of Markdown, to tell others'
complete -c pocketbert -n '__pocketbert_is bench' -l json -d 'Print for machines'

complete -c pocketbert -n __fish_use_subcommand -a doctor -d 'what this machine can do, and what makes it slow'
complete -c pocketbert -n '__pocketbert_argument doctor 1' -k -a '(__fish_complete_suffix .pbert)'
complete -c pocketbert -n '__pocketbert_is doctor' -l help -s h -d 'Print this and do nothing'
complete -c pocketbert -n '__pocketbert_is doctor' -l json -d 'Print for machines'
