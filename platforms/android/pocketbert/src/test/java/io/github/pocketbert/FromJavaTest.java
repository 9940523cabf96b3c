package io.github.pocketbert;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

/** The interface as Java sees it: no companion, no default argument to spell out, no coroutine on the class path. */
public class FromJavaTest {
    @Test
    public void classifies() {
        try (Model model = Pocketbert.open(Models.INSTANCE.getDemo());
                Session session = model.session(64)) {
            Classification answer = session.classify("set an alarm for six thirty in the morning");
            assertEquals("alarm", answer.getLabel());
            assertTrue(answer.getScore() > 0.5f && !answer.getRejected());
            assertEquals(model.getLabels().size(), answer.getAll().size());
            assertEquals(0, model.tokenize("").get(0).getBegin());
            assertEquals("0.1.0", Pocketbert.getVersion());
        }
    }
}
