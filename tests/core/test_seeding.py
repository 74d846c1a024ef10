import numpy as np

from headstart.core.seeding import derive_seed, generator


def test_purposes_draw_independent_streams_and_the_same_purpose_the_same():
    assert derive_seed(0, "folds") == derive_seed(0, "folds")
    assert (
        len({derive_seed(0, "folds"), derive_seed(1, "folds"), derive_seed(0, "split"), derive_seed(0, "f", "olds")})
        == 4
    )
    np.testing.assert_array_equal(generator(3, "a").random(4), generator(3, "a").random(4))
