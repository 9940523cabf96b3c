#!/usr/bin/env python3
"""Makes tests/golden/architectures: tiny random checkpoints of the BERT family, saved by the reference library, and what its pipelines
answer on them. One for each cell of the README's table that no other fixture covers.

    pip install transformers==4.57.6 torch==2.9.1 && tests/golden/make_architectures.py

The same versions make the same files. Weights are large enough that every part changes the answers.
"""
import json
import os
import shutil

import torch
import transformers as t
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "architectures")
CORPUS = """please book a table for two at the italian restaurant tonight
what is the weather in paris tomorrow morning
play some jazz by miles davis on the radio
my name is sarah and i live in london with my brother
how much money do i have in my savings account
wolfgang lives in berlin and works for siemens
set an alarm for six thirty in the morning
the quick brown fox jumps over the lazy dog
transfer fifty dollars from checking to savings
Who won the match last night? It's raining; don't go out!
naïve café, crème brûlée, Ångström and façade""".split("\n")
TEXTS = ["please book a table", "Wolfgang lives in Berlin.", "my  name is Sarah and I live in London!", "naïve café", "", "play (some) jazz, don't stop"]
QUESTIONS = [("Where do I live?", "My name is Sarah and I live in London."), ("who works for siemens", "wolfgang lives in berlin and works for siemens"),
             ("what is it", "Ångström and façade; crème brûlée")]
CONFIG = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=80, initializer_range=0.6)
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=330, special_tokens=special,
                                                              initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return t.RobertaTokenizerFast(tokenizer_object=tokenizer)


def unigram(kind, special, frame, normalizer, unk):
    tokenizer = Tokenizer(models.Unigram())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=180, special_tokens=special, unk_token=unk, show_progress=False))
    ids = [(token, tokenizer.token_to_id(token)) for token in special]
    tokenizer.post_processor = processors.TemplateProcessing(single=frame[0], pair=frame[1], special_tokens=ids)
    return kind(tokenizer_object=tokenizer)


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                             special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t.ElectraTokenizerFast(tokenizer_object=tokenizer)


ROBERTA_FRAME = ("<s> $A </s>", "<s> $A </s> </s> $B </s>")
FAMILIES = {
    "roberta": (byte_level, t.RobertaConfig, dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2), "Roberta"),
    "xlm-roberta": (lambda: unigram(t.XLMRobertaTokenizerFast, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], ROBERTA_FRAME, None, "<unk>"),
                    t.XLMRobertaConfig, dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2), "XLMRoberta"),
    "camembert": (lambda: unigram(t.CamembertTokenizerFast, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], ROBERTA_FRAME, None, "<unk>"),
                  t.CamembertConfig, dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2), "Camembert"),
    "albert": (lambda: unigram(t.AlbertTokenizerFast, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"],
                               ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"), normalizers.Lowercase(), "<unk>"),
               t.AlbertConfig, dict(type_vocab_size=2, pad_token_id=0, embedding_size=8, num_hidden_groups=1), "Albert"),
    "electra": (word_piece, t.ElectraConfig, dict(type_vocab_size=2, pad_token_id=0, embedding_size=8), "Electra"),
}
TASKS = {"text-classification": "ForSequenceClassification", "token-classification": "ForTokenClassification",
         "question-answering": "ForQuestionAnswering", "fill-mask": "ForMaskedLM", "feature-extraction": "Model"}


def requests(task, tokenizer):
    """Lines of `run --input jsonl`."""
    if task == "question-answering":
        return [{"question": q, "context": c} for q, c in QUESTIONS]
    if task == "fill-mask":
        return [{"text": f"please book a {tokenizer.mask_token} for two", "top_k": 3}, {"text": f"{tokenizer.mask_token} is the weather", "top_k": 2}]
    if task == "token-classification":
        return [{"text": text, "aggregation_strategy": how} for text in TEXTS if text for how in ("none", "simple", "first", "average", "max")]
    if task == "text-classification":
        return [{"text": text, "top_k": None} for text in TEXTS] + [{"text": TEXTS[0], "text_pair": TEXTS[1]}]
    return [{"text": text} for text in TEXTS if text]


def answer(task, pipeline, request):
    request = dict(request)
    if task == "question-answering":
        return pipeline(**request)
    if "text_pair" in request:
        return pipeline({"text": request["text"], "text_pair": request["text_pair"]})
    if "aggregation_strategy" in request:  # given to a call it would stay for the next one in some versions
        pipeline = t.pipeline(task, model=pipeline.model, tokenizer=pipeline.tokenizer, aggregation_strategy=request.pop("aggregation_strategy"))
    return pipeline(request.pop("text"), **request)


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    for family, (make_tokenizer, config_class, extra, prefix) in FAMILIES.items():
        tokenizer = make_tokenizer()
        for task, suffix in TASKS.items():
            torch.manual_seed(len(family) * 100 + len(task))
            labels = LABELS if "classification" in task else None
            more = dict(id2label=dict(enumerate(labels)), label2id={l: i for i, l in enumerate(labels)}) if labels else {}
            config = config_class(vocab_size=len(tokenizer), **CONFIG, **extra, **more)
            model = getattr(t, prefix + suffix)(config).eval()
            for name, parameter in model.named_parameters():
                if name.endswith("bias"):
                    torch.nn.init.normal_(parameter, std=0.3)
            folder = os.path.join(HERE, f"{family}-{task}")
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            # What the reference reads from there, not what is in memory.
            pipeline = t.pipeline(task, model=folder, tokenizer=folder)
            cases = [{"request": request, "answer": answer(task, pipeline, request)} for request in requests(task, tokenizer)]
            golden = {"made_with": {"transformers": t.__version__, "torch": torch.__version__.split("+")[0]}, "cases": cases}
            with open(os.path.join(folder, "golden.json"), "w", encoding="utf-8") as file:
                json.dump(golden, file, ensure_ascii=False, default=float)
            for name in os.listdir(folder):  # tokenizer.json has it all
                if name not in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "golden.json"):
                    os.remove(os.path.join(folder, name))


if __name__ == "__main__":
    main()
