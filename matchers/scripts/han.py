"""Chinese characters: what they sound like (pinyin without tones), what they look like, simplified and traditional."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from anyascii import anyascii

# Characters one takes for another at a glance. Ours, written down for names of goods; not a dictionary.
_LOOK_ALIKE = """
    未末 土士 人入八 己已巳 日曰目 天夭 大太犬 王玉主 木本术 千干于 白自百 田由甲申 刀力 乌鸟 贝见 免兔 师帅
    候侯 拔拨 晴睛清情 冷泠 洁浩 碧璧 雅稚 蓝篮 美羡 露霞 妍研 姿资 光尤先 彩采 妆壮状 雪霄 花化 香杳 水永冰
    心必 风凤 金全 星皇 阳阴 佳住 娜那 薇微 菲非 莉利 琳淋 娇桥 妮泥 思恩 爱受 悦说 梦楚 韩朝 赛塞 绮骑 铃玲
    澜阑 莱菜 淡谈 博搏 特持 瑞端 努怒 兜兔 晗晓 缤滨 尔尓 苏办 温湿 林材 火灭 味昧 谷各 松忪 东车 冬各 真直
    和知 喜善 春舂 秋秒 夏复 明朋 安妥 宁字 贵责 云去 珠株 珍诊 芙芺 蓉容 荷苛 莲连 牧枚 语浯 诗侍 欣炘 怡治
    颜顏 颜额 肤扶 皙晢 润涧 滋兹 泉杲 海悔 洋详 晶品 晨震 曦羲 月用 青责 红江 绿录 紫柴 黑墨 银很
"""
# Simplified and traditional forms of characters that names of goods are made of.
_SIMPLIFIED_TRADITIONAL = """
    爱愛 宝寶 贝貝 笔筆 宾賓 缤繽 长長 车車 传傳 达達 单單 灯燈 东東 尔爾 发發 飞飛 风風 凤鳳 刚剛 关關 广廣
    国國 韩韓 汉漢 红紅 华華 画畫 欢歡 环環 绘繪 会會 机機 级級 极極 坚堅 见見 娇嬌 节節 洁潔 经經 镜鏡 开開
    乐樂 丽麗 莱萊 兰蘭 蓝藍 澜瀾 礼禮 恋戀 凉涼 铃鈴 灵靈 龙龍 楼樓 绿綠 罗羅 马馬 满滿 门門 梦夢 绮綺 苏蘇
    赛賽 诗詩 丝絲 岁歲 台臺 体體 铁鐵 头頭 图圖 万萬 网網 维維 为為 伟偉 卫衛 乌烏 细細 显顯 线線 兴興 学學
    亚亞 颜顏 妆妝 养養 样樣 药藥 业業 叶葉 艺藝 忆憶 银銀 莹瑩 优優 鱼魚 语語 园園 圆圓 远遠 云雲 韵韻 泽澤
    张張 织織 钟鐘 专專 装裝 谷穀 润潤 肤膚 滨濱 连連 莲蓮 宁寧 贵貴 详詳 悦悅 温溫 浅淺 阳陽 阴陰 晓曉 绯緋
    纯純 纪紀 荣榮
"""
# Characters that names of goods are made of: what homophones are proposed from.
_IN_NAMES = (
    "爱安奥澳白百宝贝碧冰彩采灿草晨城春纯翠达黛丹淡岛德蒂蝶冬东兜朵恩尔发凡芳菲妃风凤芙福馥甘歌格古谷光桂国果海涵"
    "韩寒晗好禾荷和红虹华花画欢环晃慧蕙火吉佳嘉娇洁金锦晶静镜菊君卡凯可克莱来兰蓝澜岚朗乐蕾丽莉力立利丽恋莲凉林琳"
    "铃玲灵龙露璐绿罗萝洛马玛曼满美魅萌梦盟米蜜妙敏名明沫茉墨木牧娜南妮念宁牛努怒诺欧派培佩品珀奇琪绮琦千浅俏琴青"
    "清晴秋泉然瑞润若萨赛塞森纱莎山尚少神生诗施石时史士水思丝斯松颂苏素酥甦索塔台泰檀特提天田甜婷彤童兔薇维未味温"
    "文沃雾西希溪曦喜夏仙鲜香湘祥晓小笑心欣馨新星杏秀绣雪雅亚妍颜燕阳养瑶耀叶伊依怡艺忆茵银莹盈颖永优悠幽油羽雨玉"
    "钰语园缘源媛月悦云韵泽贞珍真芝知植智珠竹卓紫姿滋籽子露路鹿禄博伯波柏缤宾滨彬碧壁必毕松嵩凇耐奈耐奶迪笛蒂彪飙"
)
LOOK_ALIKE = tuple(_LOOK_ALIKE.split())
SIMPLIFIED_TRADITIONAL = tuple(_SIMPLIFIED_TRADITIONAL.split())
_FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))  # not told apart in the south and on fuzzy keyboards
_UNITS: dict[str, str] = {}  # a syllable of pinyin stands as one character, so that strings of them compare by syllable


@lru_cache(maxsize=32768)
def pinyin(character: str) -> str:
    """Return the commonest reading without its tone ("" where there is none)."""
    return anyascii(character).strip().lower()


@lru_cache(maxsize=32768)
def heard(character: str) -> tuple[tuple[str, str], ...]:
    """Return the character and one character that stands for its sound in this process."""
    sound = pinyin(character)
    for old, new in _FUZZY:
        sound = sound.replace(old, new)
    return ((character, _UNITS.setdefault(sound, chr(0xF0000 + len(_UNITS))) if sound else character),)


@cache
def names() -> tuple[str, ...]:
    """Return the characters that names of goods are made of, each once."""
    return tuple(dict.fromkeys(_IN_NAMES))


@cache
def _homophones() -> dict[str, str]:
    found: dict[str, str] = defaultdict(str)
    for character in names():
        found[pinyin(character)] += character
    return found


def _each(text: str, others: Callable[[str], Iterable[str]]) -> Iterator[str]:
    for place, character in enumerate(text):
        for other in others(character):
            if other != character:
                yield text[:place] + other + text[place + 1 :]


def _from(groups: Iterable[str]) -> Callable[[str], Iterator[str]]:
    return lambda text: _each(text, lambda character: "".join(g for g in groups if character in g))


def _traditional(text: str) -> Iterator[str]:
    to = {pair[0]: pair[1] for pair in SIMPLIFIED_TRADITIONAL}
    back = {other: one for one, other in to.items()}
    for table in (to, back):
        yield "".join(table.get(character, character) for character in text)


def _apart(text: str) -> Iterator[str]:
    for sign in (" ", "·", "-", ".", "*", "💄", "/"):
        yield sign.join(text)


def _romanised(text: str) -> Iterator[str]:
    syllables = [pinyin(character) for character in text]
    yield "".join(syllables)
    yield " ".join(syllables)
    yield "".join(syllable.capitalize() for syllable in syllables)


VARIANTS: dict[str, Callable[[str], Iterable[str]]] = {
    "homophone": lambda text: _each(text, lambda character: _homophones()[pinyin(character)]),
    "looks alike": _from(LOOK_ALIKE),
    "traditional": _traditional,
    "apart": _apart,
    "pinyin": _romanised,
}
