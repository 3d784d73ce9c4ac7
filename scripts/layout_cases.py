"""What the section "memory" of ``layout_benchmark`` loads; facts only."""

from dataclasses import replace

from shard_layouts import Case

QUICK_BITS = 4
"""``--quick`` takes 4 shard bits less and a 16th of the rows, so that shards are as full."""

QUICK_ROWS = 2_000_000


def list_cases() -> list[Case]:
    """Return the cases, best read in this order; equal lists stand together."""
    million = 1_000_000
    phones = [
        Case("1M phones", "plain", million, everywhere=True),
        Case("1M phones", "A", million, 14, everywhere=True),
        Case("1M phones", "A", million, 12, everywhere=True),
        Case("1M phones", "A", million, 12, (512, 256)),
        Case("1M phones", "B", million, 14, everywhere=True),
        Case("1M phones", "B", million, 13, (256, 128)),
        Case("1M phones", "B", million, 12, (256, 128)),
        Case("1M phones", "B", million, 12, (512, 256), everywhere=True),
        Case("1M phones", "B", million, 14, (1024, 2048)),
        Case("1M phones, batches of 1,000", "B", million, 12, (512, 256), batch=1000),
        Case("1M phones, one batch", "B", million, 12, (512, 256), batch=million),
        Case("1M listings of 200k phones", "B", million, 12, (512, 256), sources=5, copies=5),
        Case("1M phones", "C", million, 14, (512, 64)),
        Case("1M phones", "C", million, 12, (512, 64), everywhere=True),
        Case("30 x 5,000 phones", "A", 150_000, 14, sources=30, everywhere=True),
        Case("30 x 5,000 phones", "A", 150_000, 10, sources=30),
        *(
            Case("30 x 5,000 phones", "B", 150_000, bits, (512, 256), sources=30, everywhere=True)
            for bits in (14, 12, 10)
        ),
        Case("30 x 5,000 phones", "C", 150_000, 12, (512, 64), sources=30),
    ]
    links = [
        Case("1M links", "A", million, 14, kind="link", everywhere=True),
        Case("1M links", "B", million, 14, kind="link"),
        Case("1M links", "B", million, 14, (256, 128), kind="link"),
        Case("1M links", "B", million, 14, (512, 256), kind="link"),
        Case("1M links", "B", million, 14, (512, 2048), kind="link", everywhere=True),
        Case("1M links", "B", million, 12, (512, 2048), kind="link"),
        Case("1M links", "C", million, 14, (512, 2048), kind="link"),
    ]
    return phones + links + list_large_cases(million)


def list_large_cases(million: int) -> list[Case]:
    """Return the cases of 3 and 10 million phones."""
    three, ten = 3 * million, 10 * million
    return [
        Case("3M phones", "plain", three, everywhere=True),
        Case("3M phones", "A", three, 14),
        Case("3M phones", "B", three, 15, (256, 128)),
        Case("3M phones", "B", three, 14, (256, 128)),
        Case("3M phones", "B", three, 14, (512, 256), everywhere=True),
        Case("3M phones", "B", three, 13, (512, 256)),
        Case("3M phones", "B", three, 12, (1024, 256)),
        Case("3M phones", "C", three, 13, (512, 64)),
        Case("10M phones", "B", ten, 17, (256, 128), batch=500_000),
        Case("10M phones", "B", ten, 16, (512, 256), batch=500_000),
        Case("10M phones", "B", ten, 15, (512, 256), batch=500_000),
        Case("10M phones", "B", ten, 14, (1024, 256), batch=500_000),
        Case("10M phones", "C", ten, 14, (1024, 256), batch=500_000),
    ]


def shrink(case: Case) -> Case:
    """Return a smaller case whose shards are as full."""
    smaller = 1 << QUICK_BITS
    return replace(
        case,
        name=f"1/{smaller} of {case.name}",
        rows=case.rows // smaller,
        bits=max(case.bits - QUICK_BITS, 0),
        batch=max(case.batch // smaller, 500),
    )
