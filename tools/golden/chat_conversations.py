"""The conversations that judge tokenizers and chat templates; each is a list of (role, text)."""

SYSTEM = "system"
USER = "user"
ASSISTANT = "assistant"


def chat(*texts, system=None):
    """Questions and answers in turn, after an optional system message."""
    turns = [(SYSTEM, system)] if system is not None else []
    return turns + [((USER, ASSISTANT)[i % 2], text) for i, text in enumerate(texts)]


CONVERSATIONS = [
    chat("What is in the picture?", "A red fox in the snow."),
    chat("What is in the picture?", "A red fox.", system="You answer briefly."),
    chat("<image>\nWhat is in the picture?", "A red fox in the snow."),
    chat("What is this?\n<image>", "A cat.", "And its colour?", "Grey."),
    chat("<image>", "An empty street."),
    chat("<image><image>\nWhat differs?", "The second picture has a dog."),
    chat("First <image> then <image>, which is older?", "The first.", "Why? <image>", "Look at the cars."),
    chat("Hi", "Hello!", "How are you?", "Fine.", "Good.", "Yes.", "Bye", "Bye!"),
    chat("Hi", "Hello!", "How are you?", "Fine.", "Good.", "Yes.", system="Be kind."),
    chat("Hi", "Hello!", "A question without an answer"),
    chat("Größe?", "Die Größe beträgt 3 × 4 Fuß, ça va!"),
    chat("这张图片里有什么?", "图片里有一只红色的狐狸在雪地里。"),
    chat("この写真は何ですか？", "これは東京の夜景です。", "もっと詳しく。", "高いビルと光が見えます。", system="簡潔に答えてください。"),
    chat("사진에 무엇이 있나요?", "눈 속에 붉은 여우가 있습니다."),
    chat("ماذا يوجد في الصورة؟", "ثعلب أحمر في الثلج.", system="أجب باختصار."),
    chat("מה בתמונה?", "שועל אדום בשלג, 3 × 4."),
    chat("चित्र में क्या है?", "बर्फ में एक लाल लोमड़ी है।"),
    chat("ภาพนี้มีอะไร", "สุนัขจิ้งจอกสีแดงในหิมะ"),
    chat("🦊?", "🦊❄️!"),
    chat("Family?", "👨‍👩‍👧‍👦 and a flag 🇯🇵, thumbs 👍🏽."),
    chat("🎉🎉🎉 <image> 🎉", "😀"),
    chat("Decomposed: e\u0301 a\u0308", "Cafe\u0301 and nai\u0308ve, u\u0308ber."),
    chat("Start with a mark", "\u0301starts with a combining acute"),
    chat("Precomposed café", "café näive Å ﬁ ℌ"),
    chat("Stacked: Z̸̧̢̛̝̈́a̵̡l̷g̶o̴", "T̷h̴e̸ ̶e̷n̶d̸"),
    chat(" leading space", " also leading"),
    chat("trailing space ", "also trailing "),
    chat("  two  inside  and around  ", "  two  inside  and around  "),
    chat("\nleading newline", "ends with newlines\n\n"),
    chat("tabs\tand\r\nwindows\r\n", "tab\there\r\nand there"),
    chat("answer starts with a newline", "\nfirst line is empty"),
    chat("answer starts with two", "\n\nsecond paragraph"),
    chat("ideographic space", "\u3000全角スペース\u3000"),
    chat("no-break space", "\u00a0hard\u00a0space\u00a0"),
    chat("zero width", "a\u200bb\u200dc\ufeffd"),
    chat("Empty?", "", "Say it", "ok"),
    chat("Only a space?", " "),
    chat("One letter", "B"),
    chat("Is there a dog?", "false"),
    chat("Is there a cat?", "0"),
    chat("Anything?", "None", "Really?", "True"),
    chat("Code?", "```python\ndef f(x):\n    return {'a': x[1:], \"b\": f'{x!r}'}\n```\nDone."),
    chat("Loop {{ x }} and {% if y %}", "{{ messages }} {# no comment #} {%- endif %} $" + "{z} #{w}"),
    chat("HTML <b>&amp;</b> 'single' \"double\"", "<p class=\"a\">5 < 6 && 7 > 3</p>"),
    chat("JSON", '{"name": "get", "arguments": {"a": [1, 2.5, null, true]}}'),
    chat("Backslashes \\n \\t C:\\dir", "\\frac{1}{2} \\\\ \\u0041"),
    chat("Numbers 1234567 3.14159 1,000", "2024-12-31 23:59 +49 89 1234"),
    chat("[INST] not a token [/INST] <<SYS>>", "USER: me ASSISTANT: you"),
    chat("Almost <|im_start| > and <| im_end|>", "<im_end> </ s> <image"),
    chat("Think.", "<think>\nHm, a fox.\n</think>\n\nA fox.", "Again.", "<think>\nYes.\n</think>\n\nStill a fox."),
    chat("Think half.", "No opening.</think>The rest."),
    chat("Long words", "Donaudampfschifffahrtsgesellschaftskapitän " * 3 + "end"),
    chat("MiXeD CaSe's DON'T I'LL we've", "It's he'd THEY'RE I'M"),
    chat("Many  \n \n\t newlines\n\n\n\nhere", "a\n\n\n\nb   \n   c"),
    chat("Control \x01 \x1b[0m \x7f", "bell \x07 end"),
    chat("Private \ue000 \U000f0000", "unassigned \u0378 and 𝒜𝓁𝓅𝒽𝒶 𠮷野家"),
    chat("Arabic with marks مُحَمَّدٌ", "العَرَبِيَّةُ‏ (rtl) ‎123"),
    chat("Two in a row", "First.", "Second.", "Third.", system="  system with spaces  \n"),
    [(USER, "One."), (USER, "Two."), (ASSISTANT, "Both.")],
    [(USER, "One."), (ASSISTANT, "First."), (ASSISTANT, "Second.")],
    [(USER, "Hi."), (SYSTEM, "A late system message."), (USER, "So?"), (ASSISTANT, "So.")],
]
