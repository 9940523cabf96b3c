#!/usr/bin/env python3
"""Makes tests/golden/conformance.json: what the reference library answers on small checkpoints of this repository.
The tests of the C interface and of every language binding read it, so that all of them answer alike.

    pip install transformers==4.57.6 torch==2.9.1 && tests/golden/make_conformance.py

The file
    tolerance   of scores and values, for models converted with `--weights fp32`
    models      {name: {"checkpoint": path from the repository's root}}
    cases       [{"model", "task", "text", the options, "expected"}]
A case
    text        What is asked: the question of "answer", the sequence of "zero_shot". It never has lone surrogates.
    pair        Optional: the second text, the context of "answer". An empty one is a pair too, as for the tokenizers library.
    utf16, pair_utf16
                Optional: UTF-16 code units to pass in place of `text` or `pair` by languages whose strings are made of them.
                A lone surrogate among them is U+FFFD in the text, so all places and answers are the same.
    max_tokens  Optional: pbert_input.max_tokens.
    expected    begin and end are in UTF-16 code units, begin_code_points and end_code_points in code points.
Options and answers by task; all options are optional and named as in pocketbert.h
    classify    expected: labels [[name, score]], the best ones, at most 5; truncated
    tag         aggregation: none (the default), simple, first, average, max
                expected: entities [{label, score, word, begin, end, ...}], without those labelled O; truncated. `label` is
                the label's name, from behind its first hyphen unless aggregation is none; `word` is the text from begin
                to end.
    answer      top_k, doc_stride, max_answer_tokens, allow_none, part_words
                expected: answers [{score, text, begin, end, ...}], best first, `text` being the pair from begin to end
    fill_mask   top_k, targets (pieces)
                expected: fills [[piece, id, score]], best first, mask after mask
    embed       pooling: tokens, cls, mean, max; normalize
                expected: rows; values, row after row; truncated
    zero_shot   labels, hypothesis_template, multi_label
                expected: labels [[name, score]], best first
"""
import json
import os

import torch
import transformers as t

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUTPUT = os.path.join(ROOT, "tests/golden/conformance.json")
TOLERANCE = 2e-4  # of tests/reference/architectures_test.py
MODELS = {
    "intents": "platforms/demo/checkpoint",
    "byte-classifier": "tests/golden/architectures/roberta-text-classification",
    "word-tagger": "tests/golden/architectures/electra-token-classification",
    "byte-tagger": "tests/golden/architectures/roberta-token-classification",
    "unigram-answerer": "tests/golden/architectures/albert-question-answering",
    "unigram-filler": "tests/golden/architectures/camembert-fill-mask",
    "word-embedder": "tests/golden/architectures/electra-feature-extraction",
    "entailment": "tests/golden/field/long-label-zero-shot/ckpt",
}
PIPELINES = {"classify": "text-classification", "tag": "token-classification", "answer": "question-answering",
             "fill_mask": "fill-mask", "embed": "feature-extraction", "zero_shot": "zero-shot-classification"}
EMOJI, FAMILY, FLAG = "\U0001f600", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea"
CONTEXT = "My name is Sarah and I live in London. Wolfgang lives in Berlin and works for Siemens, in the morning and at night."


def classify(text, **options):
    return "classify", dict(text=text, **options)


def tag(text, aggregation=None, **options):
    return "tag", dict(text=text, **({"aggregation": aggregation} if aggregation else {}), **options)


def units(text):
    """UTF-16 code units; lone surrogates stay."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[i:i + 2], "little") for i in range(0, len(data), 2)]


CASES = {
    "intents": [
        classify("please book a table for two at the italian restaurant tonight"),
        classify("What's the weather like in Paris tomorrow?"),
        classify(""),
        classify("wake me up at six \u23f0" + EMOJI + FAMILY + FLAG),
        classify("I\u0307stanbul: u\u0308ber \u00fcber, cafe\u0301 caf\u00e9"),
        classify("\u660e\u5929\u65e9\u4e0a\u516d\u70b9\u53eb\u6211\u8d77\u5e8a set an alarm"),
        classify("what is\tmy\nchecking\r\naccount \t balance"),
        classify("set an\0 alarm \0for six"),
        classify("set an \ufffd alarm \ufffdfor six"),
        classify("\ud800set an alarm \udc00for six \ud83d"),
        classify("how do i transfer money", pair="from checking to savings"),
        classify("how do i transfer money", pair=""),
        classify("please play some jazz by miles davis on the radio, ", max_tokens=8),
        classify("transfer fifty dollars from checking to savings. " * 70),
    ],
    "byte-classifier": [
        classify("my  name is Sarah and I live in London!"),
        classify(""),
        classify("na\u00efve caf\u00e9 " + EMOJI + " \u6f22\u5b57 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35"),
        classify("tabs\tand\n\nlines\0 and NUL"),
        classify("lone \udfff\udfff low, high \udbff"),
        classify("who won the match", pair="last night? " + EMOJI),
        classify("", pair="only the pair"),
        classify("who won the match"),
        classify("who won the match", pair=""),
        classify("", pair=""),
        classify("who", pair="\udc00 won\0 \ud800\ud800"),
        classify("wolfgang lives in berlin " * 12, pair="and works for siemens " * 3),
    ],
    "word-tagger": [
        tag("Wolfgang lives in Berlin."),
        tag("my name is Sarah and I live in London!", "simple"),
        tag(EMOJI + " Sarah " + FAMILY + " lives in " + FLAG + " Berlin", "simple"),
        tag(EMOJI + EMOJI + " my name is " + EMOJI + "sarah", "first"),
        tag("nai\u0308ve A\u030angstro\u0308m in \u6771\u4eac \U00020bb7 tonight", "average"),
        tag("my\tname \nis\0 Sarah\u00a0in\u3000London", "max"),
        tag("\ud83d my name \ude00\ud83d is sarah", "simple"),
        tag("", "simple"),
        tag(EMOJI + " please book a table for two at the italian restaurant", "simple", max_tokens=12),
    ],
    "byte-tagger": [
        tag("Wolfgang lives in Berlin " + EMOJI + " with Sarah", "none"),
        tag(EMOJI + EMOJI + "Sarah, " + FLAG + " London", "first"),
        tag("\ud83d" + EMOJI + " Sarah \ude00 in\0 London", "none"),
        tag("cre\u0300me bru\u0302le\u0301e: \u6f22\u5b57", "max"),
    ],
    "unigram-answerer": [
        ("answer", dict(text="Where do I live?", pair=CONTEXT, top_k=3, max_tokens=64)),
        ("answer", dict(text="who works for siemens",
                        pair=EMOJI + FLAG + " wolfgang lives in " + EMOJI + " berlin and works for siemens")),
        ("answer", dict(text="what is it " + EMOJI, top_k=2, max_answer_tokens=3, part_words=True,
                        pair="A\u030angstro\u0308m \u2014 fac\u0327ade\n\tcr\u00e8me br\u00fbl\u00e9e")),
        ("answer", dict(text="who", pair=CONTEXT, max_tokens=32, doc_stride=8, top_k=2)),
        ("answer", dict(text="who \ufffd", pair="\ud800 sarah \udc00\udc00 and my brother", allow_none=True, top_k=2)),
    ],
    "unigram-filler": [
        ("fill_mask", dict(text="please book a <mask> for two", top_k=3)),
        ("fill_mask", dict(text=EMOJI + "<mask> is the <mask>\n" + FLAG, top_k=2)),
        ("fill_mask", dict(text="\udc00 please\t<mask> caf\u00e9 \ud800", top_k=2)),
        ("fill_mask", dict(text="my name is <mask>", targets=["a", "\u2581m", "\u00e9"])),
    ],
    "word-embedder": [
        ("embed", dict(text="please book a table", pooling="mean", normalize=True)),
        ("embed", dict(text="na\u00efve caf\u00e9 " + EMOJI, pooling="cls")),
        ("embed", dict(text="", pooling="max")),
        ("embed", dict(text="a\0 dog \ud83d", pooling="mean")),
        ("embed", dict(text="a dog", pair="my name", pooling="tokens")),
        ("embed", dict(text="my name is sarah and i live in london " * 10, pooling="mean")),
    ],
    "entailment": [
        ("zero_shot", dict(text="play some jazz", labels=["food", "music", "money"])),
        ("zero_shot", dict(text=EMOJI + " caf\u00e9", labels=["music", "na\u00efve " + EMOJI], multi_label=True)),
        ("zero_shot", dict(text="\ud83c transfer", labels=["money", "music"], hypothesis_template="It is {}, \u00e9.")),
        ("zero_shot", dict(text="please play some jazz by miles davis on the radio " * 4, labels=["music", "a table for two"])),
        ("zero_shot", dict(text="one label", labels=["food"])),
    ],
}


def number(value):
    return float(f"{float(value):.6g}")


def limit(model, tokenizer):
    """The longest input: what the tokenizer says, or else as many as there are positions."""
    # Those of the RoBERTa family begin behind the padding's id.
    offset = tokenizer.pad_token_id + 1 if "roberta" in model.config.model_type or model.config.model_type == "camembert" else 0
    return min(tokenizer.model_max_length, model.config.max_position_embeddings - offset)


def ranked(pairs, at_most=None):
    """[[name, score]] or [[piece, id, score]], which no binding may order otherwise for a rounding."""
    for better, worse in zip(pairs, pairs[1:]):
        assert better[-1] - worse[-1] > 2 * TOLERANCE, pairs
    return [[*each[:-1], number(each[-1])] for each in pairs[:at_most]]


def extent(text, begin, end):
    return dict(begin=len(units(text[:begin])), end=len(units(text[:end])), begin_code_points=begin, end_code_points=end)


class Reference:
    def __init__(self, task, folder):
        self.pipeline = t.pipeline(PIPELINES[task], model=folder, tokenizer=folder, dtype=torch.float32, device="cpu")
        self.tokenizer = self.pipeline.tokenizer
        self.limit = limit(self.pipeline.model, self.tokenizer)

    def encode(self, case):
        """The inputs of the network, and whether they are cut."""
        pair = case.get("pair")
        # A list, because alone an empty pair is taken for none.
        texts = [case["text"]] if pair is None else [(case["text"], pair)]
        longest = case.get("max_tokens", self.limit)
        whole = self.tokenizer(texts, verbose=False)["input_ids"][0]
        return self.tokenizer(texts, truncation=True, max_length=longest, return_tensors="pt"), len(whole) > longest

    def classify(self, case):
        inputs, truncated = self.encode(case)
        with torch.no_grad():
            logits = self.pipeline.model(**inputs).logits[0]
        names = self.pipeline.model.config.id2label
        scores = sorted(([names[i], float(score)] for i, score in enumerate(logits.softmax(-1))), key=lambda each: -each[1])
        if case.get("pair") != "":  # which the pipeline takes for none
            texts = {"text": case["text"], **({"text_pair": case["pair"]} if "pair" in case else {})}
            answers = self.pipeline(texts, top_k=None, truncation=True, max_length=case.get("max_tokens", self.limit))
            assert [each["label"] for each in answers[:3]] == [name for name, _ in scores[:3]]
            assert all(abs(each["score"] - score) < 1e-6 for each, (_, score) in zip(answers, scores))
        # Names of labels as good as equal could come in any order, so the list ends before them.
        clear = next((i for i in range(5) if i + 1 < len(scores) and scores[i][1] - scores[i + 1][1] <= 2 * TOLERANCE), 5)
        assert clear > 0, case
        return {"labels": ranked(scores[:clear]), "truncated": truncated}

    def tag(self, case):
        _, truncated = self.encode(case)
        self.tokenizer.model_max_length = case.get("max_tokens", self.limit)  # where this pipeline cuts
        how = case.get("aggregation", "none")
        text = case["text"]
        # Given to a call the strategy would stay for the next one.
        pipeline = t.pipeline(PIPELINES["tag"], model=self.pipeline.model, tokenizer=self.tokenizer, aggregation_strategy=how,
                              device="cpu")
        name = "entity" if how == "none" else "entity_group"
        entities = [{"label": each[name], "score": number(each["score"]), "word": text[each["start"]:each["end"]],
                     **extent(text, each["start"], each["end"])} for each in pipeline(text)]
        return {"entities": entities, "truncated": truncated}

    def answer(self, case):
        names = {"top_k": "top_k", "doc_stride": "doc_stride", "max_answer_tokens": "max_answer_len", "max_tokens": "max_seq_len",
                 "allow_none": "handle_impossible_answer"}
        options = {theirs: case[ours] for ours, theirs in names.items() if ours in case}
        options["align_to_words"] = not case.get("part_words", False)
        context = case["pair"]
        answers = self.pipeline(question=case["text"], context=context, **options)
        answers = answers if isinstance(answers, list) else [answers]
        ranked([[each["score"]] for each in answers])
        for each in answers:
            assert each["answer"] == context[each["start"]:each["end"]]
        return {"answers": [{"score": number(each["score"]), "text": each["answer"],
                             **extent(context, each["start"], each["end"])} for each in answers]}

    def fill_mask(self, case):
        answers = self.pipeline(case["text"], **{name: case[name] for name in ("top_k", "targets") if name in case})
        masks = answers if isinstance(answers[0], list) else [answers]
        piece = self.tokenizer.convert_ids_to_tokens
        fills = [ranked([[piece(each["token"]), each["token"], each["score"]] for each in mask]) for mask in masks]
        return {"fills": sum(fills, [])}

    def embed(self, case):
        inputs, truncated = self.encode(case)
        with torch.no_grad():
            states = self.pipeline.model(**inputs).last_hidden_state[0]
        pool = {"tokens": lambda x: x, "cls": lambda x: x[:1], "mean": lambda x: x.mean(0, True),
                "max": lambda x: x.amax(0, True)}
        rows = pool[case["pooling"]](states)
        if case.get("normalize"):
            rows = torch.nn.functional.normalize(rows)
        return {"rows": len(rows), "values": [number(value) for value in rows.flatten()], "truncated": truncated}

    def zero_shot(self, case):
        options = {name: case[name] for name in ("hypothesis_template", "multi_label") if name in case}
        answer = self.pipeline(case["text"], candidate_labels=case["labels"], **options)
        return {"labels": ranked([list(each) for each in zip(answer["labels"], answer["scores"])])}


def main():
    torch.set_num_threads(1)  # Several add in another order.
    cases = []
    for model, asked in CASES.items():
        reference = Reference(asked[0][0], os.path.join(ROOT, MODELS[model]))
        for task, options in asked:
            case = {"model": model, "task": task}
            for name, value in options.items():
                if name in ("text", "pair"):
                    legal = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
                    assert len(units(legal)) == len(units(value))
                    case[name] = legal
                    if legal != value:
                        case["utf16" if name == "text" else "pair_utf16"] = units(value)
                else:
                    case[name] = value
            case["expected"] = getattr(reference, task)(case)
            cases.append(case)
    head = {"made_with": {"transformers": t.__version__, "torch": torch.__version__.split("+")[0]}, "tolerance": TOLERANCE,
            "models": {name: {"checkpoint": path} for name, path in MODELS.items()}}
    with open(OUTPUT, "w", encoding="utf-8") as file:  # a case a line, and ASCII alone, which no editor changes
        lines = [f'"{name}": {json.dumps(value)}' for name, value in head.items()]
        rows = ",\n".join(json.dumps(case) for case in cases)
        file.write("{" + ",\n".join([*lines, f'"cases": [\n{rows}\n]']) + "}\n")
    print(f"{len(cases)} cases, {os.path.getsize(OUTPUT)} bytes")


if __name__ == "__main__":
    main()
