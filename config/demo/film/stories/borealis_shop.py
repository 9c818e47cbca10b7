"""What Borealis sells."""

from __future__ import annotations

from config.demo.film.script import Product, Variant, words

PRODUCTS = (
    Product(
        "two-cups",
        words("Two celadon cups", "青瓷对杯"),
        words("Crackle glaze, 120 ml each", "冰裂釉，各 120 毫升"),
        words("A pair. One for you, one for whoever comes.", "一对。一只给你，一只给来的人。"),
        (Variant("CUP-2", words("Pair", "一对"), 12800, 60),),
        "cup",
    ),
    Product(
        "snow-bud-tea",
        words("Snow Bud white tea", "雪芽白茶"),
        words("First picking, 50 g tin", "头采，50 克罐装"),
        words("Picked before the first warm day. Opens pale, ends like honey.", "清明前采，初淡后甜，尾韵如蜜。"),
        (Variant("SNB-50", words("50 g", "50 克"), 16800, 90), Variant("SNB-120", words("120 g", "120 克"), 36800, 30)),
        "tin",
    ),
    Product(
        "mended-teapot",
        words("Mended clay teapot", "锔钉紫砂壶"),
        words("Zisha clay, 180 ml", "紫砂，180 毫升"),
        words("Thrown by hand. It remembers every tea you make in it.", "手工拉坯，记得你泡过的每一种茶。"),
        (Variant("POT-180", words("180 ml", "180 毫升"), 39800, 14),),
        "teapot",
    ),
    Product(
        "midnight-lantern",
        words("Midnight lantern", "子夜灯笼"),
        words("Rice paper, rechargeable", "宣纸，可充电"),
        words("Hang it by the door when you are open.", "开门时，挂在门边。"),
        (Variant("LAN-1", words("Red", "红"), 8800, 45), Variant("LAN-2", words("Ivory", "米白"), 8800, 20)),
        "lantern",
    ),
)
