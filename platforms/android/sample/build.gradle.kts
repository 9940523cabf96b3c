plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "io.github.pocketbert.sample"
    compileSdk = 35

    defaultConfig {
        applicationId = "io.github.pocketbert.sample"
        minSdk = 21
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    androidResources { noCompress += "pbert" } // so that the model is mapped where it lies in the APK
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}

kotlin {
    compilerOptions { jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8 }
}

dependencies {
    implementation(project(":pocketbert")) // in an application of yours: implementation("io.github.pocketbert:pocketbert:0.1.0")
    testImplementation("junit:junit:4.13.2")
    testImplementation("org.robolectric:robolectric:4.16.1")
}

// The tests want the JNI library of this machine: platforms/android/build.sh sample.
tasks.withType<Test>().configureEach { enabled = false }

// The demonstration's model, which platforms/demo/run.sh converts. Not a Copy task, which does nothing when there is nothing to copy.
val copyModel = tasks.register("copyModel") {
    val model = rootDir.resolve("../../build/demo/intent.pbert")
    val assets = layout.buildDirectory.dir("model")
    inputs.files(model)
    outputs.dir(assets)
    doLast {
        check(model.exists()) { "$model is not there: run platforms/demo/run.sh --no-prompt" }
        model.copyTo(assets.get().file("intent.pbert").asFile, overwrite = true)
    }
}
android.sourceSets["main"].assets.srcDir(layout.buildDirectory.dir("model"))
tasks.named("preBuild") { dependsOn(copyModel) }
